/**
 * Where published numbers were read, by tag. A number known from memory or hearsay has no tag, and so no place in a table: most cells of
 * ZO-Bench's own tables are empty for that reason.
 */
export const SOURCES = {
  mezo: 'MeZO (Malladi et al. 2023, arXiv:2305.17333), the paper',
  qzo: 'QZO (arXiv:2505.13430v3), the paper',
  relizo: "ReLIZO (NeurIPS 2024), which reprints this part of ZO-Bench's table",
  card: "BenchmarkCards, the card of ZO-Bench, a third party's summary",
} as const;

export type PublishedSource = keyof typeof SOURCES;
