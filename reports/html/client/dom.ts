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

/** A plot with its title and what it shows. */
export function figure(title: string, caption: readonly string[], plot: HTMLElement, ...controls: HTMLElement[]): HTMLElement {
  const lines = caption.map((line) => create('p', {}, line));
  const box = create('div', { className: 'plot-scroll' }, plot);
  return create('figure', {}, create('figcaption', {}, create('h4', {}, title), ...lines), box, ...controls);
}
