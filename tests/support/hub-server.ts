import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a repository has at a commit, by revision. */
export interface Snapshot {
  readonly commit: string;
  readonly files: Readonly<Record<string, Buffer>>;
}

export interface Repository {
  readonly revisions: Readonly<Record<string, Snapshot>>;
  /** The token that may read the files, where not everybody may. */
  readonly gatedFor?: string;
  readonly discussions?: readonly object[];
  /** Answered to all but requests for files, where it is not fine. */
  readonly status?: number;
}

/** Sends a file's content, which is asked for from a byte on. */
type SendFile = (response: ServerResponse, content: Buffer, from: number) => void;

/** A server that speaks the part of the Hugging Face hub's interface that fetching a model needs. */
export class HubServer {
  /** What was asked for: method and path. */
  readonly requests: string[] = [];
  /** Ranges that were asked for. */
  readonly ranges: string[] = [];
  readonly tokens = new Set<string | undefined>();
  repositories: Readonly<Record<string, Repository>> = {};
  /** Replaces the answer to requests for files: damages them, breaks off, fails. */
  sendFile: SendFile | undefined;
  /** Answers what it gives true for. */
  answer: ((url: string, response: ServerResponse) => boolean) | undefined;
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '', 'http://hub');
    const path = decodeURIComponent(pathname);
    this.requests.push(`${request.method ?? ''} ${path}`);
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    this.tokens.add(token);
    if (request.headers.range !== undefined) this.ranges.push(request.headers.range);
    if (this.answer?.(request.url ?? '', response)) return;
    const [, id = '', kind = '', rest = ''] =
      /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree|discussions)\/?(.*)$/.exec(path) ??
      /^\/([^/]+\/[^/]+)\/(resolve)\/(.*)$/.exec(path) ??
      [];
    const repository = this.repositories[id];
    if (repository && kind === 'resolve') this.#resolve(request, response, repository, rest, token);
    else {
      const { status, body } = described(repository, id, kind, rest);
      json(response, status, body);
    }
  }

  #resolve(request: IncomingMessage, response: ServerResponse, repository: Repository, rest: string, token: string | undefined): void {
    const at = rest.indexOf('/');
    const content = snapshotOf(repository, rest.slice(0, at))?.files[rest.slice(at + 1)];
    if (!content) json(response, 404, { error: 'Entry not found' });
    else if (repository.gatedFor !== undefined && repository.gatedFor !== token) {
      response.writeHead(token === undefined ? 401 : 403, { 'Content-Type': 'text/plain' });
      response.end('Access to model is restricted. You must have access to it.');
    } else {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      (this.sendFile ?? sendFrom)(response, content, from);
    }
  }
}

/** As the hub does it. */
export const sendFrom: SendFile = (response, content, from) => {
  const length = { 'Content-Length': content.length - from };
  if (from === 0) response.writeHead(200, length);
  else response.writeHead(206, { ...length, 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` });
  response.end(content.subarray(from));
};

/** What the hub says about a repository. */
function described(repository: Repository | undefined, id: string, kind: string, revision: string): { status: number; body: object } {
  if (!repository) return { status: 401, body: { error: 'Repository not found' } };
  if (repository.status !== undefined) return { status: repository.status, body: { error: 'busy\nnow' } };
  if (kind === 'discussions') return { status: 200, body: { discussions: repository.discussions ?? [], count: 0, start: 0 } };
  const snapshot = snapshotOf(repository, revision);
  if (!snapshot) return { status: 404, body: { error: 'Invalid rev id' } };
  if (kind === 'tree') return { status: 200, body: Object.entries(snapshot.files).map(listed) };
  return { status: 200, body: { _id: '1', id, sha: snapshot.commit, gated: false, lastModified: 0 } };
}

function snapshotOf({ revisions }: Repository, revision: string): Snapshot | undefined {
  return revisions[revision] ?? Object.values(revisions).find(({ commit }) => commit === revision);
}

/** As in the hub's listings: large files have a SHA-256, others what git calls them. */
export function listed([path, content]: [string, Buffer]): object {
  const oid = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  if (!path.endsWith('.safetensors')) return { type: 'file', path, size: content.length, oid };
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { type: 'file', path, size: content.length, oid: '0'.repeat(40), lfs: { oid: sha256, size: content.length, pointerSize: 1 } };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
