/**
 * Draws a bar, and gives the name of the font that is drawn with.
 * @throws Error where the libraries or the bundled font are not there.
 */
export async function checkDrawing(): Promise<string> {
  // Loaded late, as in report.ts.
  const { FONT_FAMILY, renderPng } = await import('./chart-render.js');
  renderPng({ type: 'bar', data: { labels: ['a'], datasets: [{ data: [1] }] } });
  return FONT_FAMILY;
}
