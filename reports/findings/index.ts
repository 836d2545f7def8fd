import type { Finding } from '../html/index.js';
import type { RecordedRuns } from '../tables/index.js';
import { claims } from './claims.js';
import type { ClaimFinding } from './finding.js';
import { judge } from './judge.js';
import { paragraphsOf } from './markdown.js';

export type { Claim, ClaimFinding, Verdict } from './finding.js';
export { findingsMarkdown, findingsTable } from './markdown.js';

/** What a run says of each of ZO-Bench's claims, in the order of the claims. */
export const findingsOf = (run: RecordedRuns): ClaimFinding[] => claims.map((claim) => judge(claim, run));

/** The same for a run's HTML page. */
export const findingsForPage = (findings: readonly ClaimFinding[]): Finding[] =>
  findings.map((finding) => {
    const isDecided = finding.verdict !== 'not decided';
    const heading = finding.claim.replace(/\.$/, '');
    return { heading: isDecided ? `${heading}: ${finding.verdict}` : heading, text: paragraphsOf(finding), isDecided };
  });
