import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { writePage } from '../../reports/html/index.js';
import { completedRecord, endedRecord, fakeRun, runFolder } from './fake-records.js';

const CHROMIUM = [process.env.ZOBENCH_CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path !== '' && existsSync(path),
);
if (CHROMIUM === undefined) console.log('skipped: no Chromium; install it, or name it in ZOBENCH_CHROMIUM');

/** Number of different colours in an image. */
async function coloursIn(png: Buffer): Promise<number> {
  const image = await loadImage(png);
  const canvas = createCanvas(image.width, image.height);
  canvas.getContext('2d').drawImage(image, 0, 0);
  const pixels = canvas.data();
  return new Set(Array.from({ length: pixels.length / 4 }, (_, index) => pixels.readUInt32BE(4 * index))).size;
}

const RECORDS = [
  ...fakeRun({ optimizers: ['fo-adam', 'zo-adam', 'zo-sgd'], schemes: ['full', 'lora'], seeds: 2 }),
  completedRecord({ optimizer: '</script><img src=x onerror=boom()>', seed: 4 }, { testAccuracy: 0.5 }),
  endedRecord({ optimizer: 'zo-sgd', seed: 9 }, 'out-of-memory', 'the heap was full'),
];

(CHROMIUM === undefined ? describe.skip : describe)('the page of a run in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let url: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    const folder = runFolder([]);
    writePage(folder, { records: RECORDS, problems: [], findings: [] });
    url = pathToFileURL(join(folder, 'report.html')).href;
    browser = await chromium.launch({ ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }), args: ['--no-sandbox'] });
    page = await open();
    page.setDefaultTimeout(10_000);
  });
  beforeEach(() => page.reload());
  afterAll(() => browser.close());

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const opened = await browser.newPage(options);
    opened.on('console', (message) => complaints.push(message.text()));
    opened.on('pageerror', ({ message }) => complaints.push(message));
    opened.on('request', (request) => request.url().startsWith('http') && complaints.push(request.url()));
    await opened.goto(url);
    return opened;
  }

  /** The cells below a title: columns in which all rows agree are not there. */
  const column = async (table: string, title: string): Promise<Locator> => {
    const index = (await page.locator(`#${table} thead th`).allTextContents()).indexOf(title);
    return page.locator(`#${table} tbody tr:visible > :nth-child(${index + 1})`);
  };
  const textsIn = async (table: string, title: string): Promise<string[]> => (await column(table, title)).allTextContents();
  const header = (table: string, name: string): Locator => page.locator(`#${table}`).getByRole('button', { name, exact: true });
  const styleOf = (on: Page, selector: string, property: string): Promise<string> =>
    on.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`);

  test('draws three plots, none of them empty', async () => {
    const plots = await page.locator('#plots canvas').all();
    expect(plots).toHaveLength(3);
    for (const plot of plots) expect(await coloursIn(await plot.screenshot())).toBeGreaterThan(50);
  });

  test('a column sorts by number, up and down, and says so', async () => {
    const accuracies = async (): Promise<number[]> => (await textsIn('group-table', 'Test accuracy (%)')).map(parseFloat);
    const up = (await accuracies()).toSorted((a, b) => a - b);
    const button = header('group-table', 'Test accuracy (%)');
    await button.click();
    expect(await accuracies()).toEqual(up);
    expect(await button.locator('..').getAttribute('aria-sort')).toBe('ascending');
    await button.click();
    expect(await accuracies()).toEqual(up.toReversed());
    expect(await button.locator('..').getAttribute('aria-sort')).toBe('descending');
    expect(await page.locator('#group-table [aria-sort]:not([aria-sort=none])').count()).toBe(1);
  });

  test('what was not measured sorts last either way', async () => {
    for (let press = 0; press < 2; press += 1) {
      await header('cell-table', 'Test score (%)').click();
      expect((await textsIn('cell-table', 'Test score (%)')).at(-1)).toBe('–');
    }
  });

  test('words and choices filter rows, and all come back', async () => {
    const table = page.locator('#cell-table');
    await table.getByLabel('Search').fill('zo- LORA');
    expect(await textsIn('cell-table', 'Optimizer')).toEqual(['zo-adam', 'zo-adam', 'zo-sgd', 'zo-sgd']);
    expect(await table.locator('output').textContent()).toBe('4 of 14 rows');
    await table.getByRole('button', { name: 'Show all' }).click();
    await table.getByLabel('State').selectOption('out-of-memory');
    expect(await textsIn('cell-table', 'Optimizer')).toEqual(['zo-sgd']);
    await table.getByRole('button', { name: 'Show all' }).click();
    expect(await table.locator('output').textContent()).toBe('14 rows');
  });

  test('a search that finds nothing says so', async () => {
    const table = page.locator('#group-table');
    await table.getByLabel('Search').fill('no such optimizer');
    expect(await table.locator('.nothing').isVisible()).toBe(true);
    await table.getByRole('button', { name: 'Show all' }).click();
    expect(await table.locator('.nothing').isVisible()).toBe(false);
  });

  test('the rows that are shown are handed over as CSV, and a plot as PNG', async () => {
    const table = page.locator('#group-table');
    await table.getByLabel('Search').fill('fo-adam');
    const [csv] = await Promise.all([page.waitForEvent('download'), table.getByRole('button', { name: 'Download CSV' }).click()]);
    const rows: Record<string, string>[] = parse(readFileSync(await csv.path(), 'utf8'), { columns: true });
    expect([csv.suggestedFilename(), rows.map(({ Optimizer }) => Optimizer)]).toEqual(['group-table.csv', ['fo-adam', 'fo-adam']]);
    expect(Number(rows[0]?.['Test accuracy (%)'])).toBeCloseTo(
      Number.parseFloat((await textsIn('group-table', 'Test accuracy (%)'))[0] ?? '') / 100,
      2,
    );
    const [png] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download PNG' }).first().click()]);
    expect(png.suggestedFilename()).toBe('test-accuracy-by-optimizer.png');
    expect(await coloursIn(readFileSync(await png.path()))).toBeGreaterThan(50);
  });

  test('on a phone the score is seen, and a line says that a table goes on, until its end', async () => {
    const phone = await open({ viewport: { width: 390, height: 800 } });
    const box = await phone.locator('#group-table tbody td').first().boundingBox();
    expect((box?.x ?? NaN) + (box?.width ?? NaN)).toBeLessThan(390);
    const more = phone.locator('#cell-table .more');
    expect(await more.isVisible()).toBe(true);
    await phone.evaluate(`document.querySelector('#cell-table .scroll').scrollLeft = 1e6`);
    await more.waitFor({ state: 'hidden' });
    await phone.close();
  });

  test('works by keyboard: the skip link comes first, a sort button sorts on Enter, and focus is seen', async () => {
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the report');
    const button = header('group-table', 'Optimizer');
    await button.focus();
    await page.keyboard.press('Enter');
    expect(await button.locator('..').getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Test accuracy (%)');
    expect(await styleOf(page, ':focus', 'outlineStyle')).toBe('solid');
  });

  test("a cell's button draws its curve and goes to its checkbox", async () => {
    const canvas = page.locator('figure:has(.picker) canvas');
    await page.getByRole('button', { name: 'Clear' }).click();
    const empty = await canvas.screenshot();
    await (await column('cell-table', 'Cell')).first().getByRole('button').click();
    expect(await page.locator('.picker input:checked').count()).toBe(1);
    expect(await page.locator(':focus').getAttribute('type')).toBe('checkbox');
    expect((await canvas.screenshot()).equals(empty)).toBe(false);
  });

  test('a scheme leaves the plots and comes back; the last one cannot leave', async () => {
    const [full, lora] = [page.locator('.legend').getByLabel('full'), page.locator('.legend').getByLabel('lora')];
    const canvas = page.locator('#plots canvas').first();
    const before = await canvas.screenshot();
    await full.uncheck();
    expect((await canvas.screenshot()).equals(before)).toBe(false);
    await lora.click();
    expect([await full.isChecked(), await lora.isChecked()]).toEqual([true, true]);
    expect((await canvas.screenshot()).equals(before)).toBe(true);
  });

  test('on a phone the page does not scroll sideways, its tables do', async () => {
    const phone = await open({ viewport: { width: 360, height: 740 } });
    const overflow = (selector: string): Promise<number> =>
      phone.locator(selector).evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(await overflow('html')).toBe(0);
    expect(await overflow('#cell-table .scroll')).toBeGreaterThan(0);
    await phone.close();
  });

  test('a dark screen gets a dark page; paper stays white, with plots in black and without controls', async () => {
    const dark = await open({ colorScheme: 'dark' });
    const ground = (): Promise<string> => styleOf(dark, 'body', 'backgroundColor');
    const dots = (): Promise<string> => dark.evaluate<string>(`document.querySelector('#plots canvas').toDataURL()`);
    expect(await ground()).toBe('rgb(22, 25, 29)');
    const onScreen = await dots();
    await dark.emulateMedia({ media: 'print', colorScheme: 'light' });
    await dark.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    expect(await ground()).toBe('rgb(255, 255, 255)');
    expect(await dots()).not.toBe(onScreen);
    expect(await dark.locator('.controls').first().isVisible()).toBe(false);
    expect(await dark.locator('#plots canvas').first().isVisible()).toBe(true);
    expect((await dark.pdf()).subarray(0, 4).toString()).toBe('%PDF');
    await dark.close();
  });

  test('hostile names stay text, and nothing is asked of a network or complained of', async () => {
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('#group-table tbody').textContent()).toContain('</script><img src=x onerror=boom()>');
    expect(complaints).toEqual([]);
  });
});
