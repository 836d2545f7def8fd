type Tags = HTMLElementTagNameMap;

/**
 * The first element under `root` that matches.
 * @throws Error where there is none of that type: page and script do not belong together.
 */
export function find<E extends Element>(root: ParentNode, selector: string, type: new () => E): E {
  const found = root.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${selector}`);
}

/** A new element. Texts are set as text, never read as HTML. */
export function create<Tag extends keyof Tags>(tag: Tag, properties: Partial<Tags[Tag]>, ...children: (Node | string)[]): Tags[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A labelled checkbox. */
export function checkbox(
  isChecked: boolean,
  onChange: () => void,
  ...label: (Node | string)[]
): { box: HTMLInputElement; label: HTMLElement } {
  const box = create('input', { type: 'checkbox', checked: isChecked, onchange: onChange });
  return { box, label: create('label', {}, box, ' ', ...label) };
}

/** Hands the reader a file. */
export function download(name: string, content: Blob): void {
  const link = create('a', { href: URL.createObjectURL(content), download: name });
  link.click();
  // The browser reads it after this.
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/** A plot with its title, what it shows, and a button that saves it as an image. */
export function figure(title: string, caption: readonly string[], plot: HTMLElement, ...controls: HTMLElement[]): HTMLElement {
  const save = create('button', { type: 'button', className: 'save', onclick: () => savePng(plot, title) }, 'Download PNG');
  const lines = [...caption.map((line) => create('p', {}, line)), save];
  const box = create('div', { className: 'plot-scroll' }, plot);
  return create('figure', {}, create('figcaption', {}, create('h4', {}, title), ...lines), box, ...controls);
}

function savePng(plot: HTMLElement, title: string): void {
  const drawn = find(plot, 'canvas', HTMLCanvasElement);
  const image = create('canvas', { width: drawn.width, height: drawn.height });
  const pen = image.getContext('2d');
  if (!pen) return;
  // A canvas has no ground of its own.
  pen.fillStyle = getComputedStyle(document.body).backgroundColor;
  pen.fillRect(0, 0, image.width, image.height);
  pen.drawImage(drawn, 0, 0);
  image.toBlob((content) => content && download(`${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`, content));
}
