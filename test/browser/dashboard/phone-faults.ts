import type { Page } from 'playwright-core';

/** What makes a view hard to use on a phone, each as one line that names the element. */
export function findPhoneFaults(page: Page): Promise<string[]> {
  return page.evaluate(collectFaults, { target: 44, hints: 3 });
}

/** Runs in the page. */
function collectFaults(limits: { target: number; hints: number }): string[] {
  const faults = new Set<string>();

  function nameOf(element: Element): string {
    const label = element.getAttribute('aria-label') ?? element.textContent ?? '';
    const classes = [...element.classList].map((name) => `.${name}`).join('');
    return `${element.tagName.toLowerCase()}${classes} “${label.trim().replace(/\s+/g, ' ').slice(0, 40)}”`;
  }
  function isShown(element: Element): boolean {
    return element.checkVisibility({ visibilityProperty: true }) && element.closest('.visually-hidden, .skip') === null;
  }

  /** A link within a sentence is as high as its line: WCAG 2.5.8 exempts it. */
  function isInSentence(element: Element): boolean {
    if (!element.matches('a, .hint > button')) return false;
    const block = element.closest('p, li, small, label, dt, td, th, .help');
    const own = element.textContent.trim();
    return (
      getComputedStyle(element).display.startsWith('inline') &&
      block !== null &&
      block.textContent.trim().length > own.length + 2 &&
      element.matches('a')
    );
  }

  /** What a finger reaches: the element, its content, or a label that stands for it. */
  function isHit(element: Element, x: number, y: number): boolean {
    const found = document.elementFromPoint(x, y);
    if (found === null) return false;
    if (element.contains(found)) return true;
    const label = found.closest('label');
    return label !== null && label.control === element;
  }

  function checkTarget(element: Element): void {
    if (isInSentence(element)) return;
    element.scrollIntoView({ block: 'center', inline: 'nearest' });
    const box = element.matches('[type="checkbox"], [type="radio"]') ? (element.closest('label') ?? element) : element;
    const { left, top, width, height } = box.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    const [x, y] = [left + width / 2, top + height / 2];
    const half = limits.target / 2 - 1;
    const points = [
      ...(height < limits.target ? [[x, y - half] as const, [x, y + half] as const] : []),
      ...(width < limits.target ? [[x - half, y] as const, [x + half, y] as const] : []),
    ];
    if (points.some((point) => !isHit(element, ...point)))
      faults.add(`target of ${Math.round(width)}×${Math.round(height)}: ${nameOf(element)}`);
  }

  function checkClipped(element: Element): void {
    const style = getComputedStyle(element);
    const scrolls = element.scrollWidth > element.clientWidth + 1;
    if (!scrolls || element.clientWidth === 0) return;
    if (style.overflowX === 'auto' || style.overflowX === 'scroll') {
      if (!element.matches('pre, .segmented, nav')) faults.add(`scrolls sideways: ${nameOf(element)}`);
      return;
    }
    const isCut = style.overflowX === 'hidden' || style.overflowX === 'clip';
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    );
    if (!isCut || (!hasText && style.textOverflow !== 'ellipsis')) return;
    const says = style.textOverflow === 'ellipsis' && element.closest('[title], a, button, select') !== null;
    if (!says) faults.add(`clipped: ${nameOf(element)}`);
  }

  /** Letters of one word on two lines, although the word is no longer than a line. */
  function checkWords(text: Text): void {
    const parent = text.parentElement;
    if (parent === null || !isShown(parent) || parent.closest('svg, pre, code, textarea, option') !== null) return;
    const range = document.createRange();
    for (const { 0: word, index } of text.data.matchAll(/[\p{L}\p{N}]{2,}/gu)) {
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const rects = [...range.getClientRects()].filter(({ width }) => width > 0.5);
      const lines = new Set(rects.map(({ top }) => Math.round(top)));
      if (lines.size < 2) continue;
      let block: Element = parent;
      while (getComputedStyle(block).display === 'inline' && block.parentElement) block = block.parentElement;
      if (rects.reduce((sum, { width }) => sum + width, 0) < block.clientWidth)
        faults.add(`broken word ${word.slice(0, 40)}: ${nameOf(parent)}`);
    }
  }

  const main = document.querySelector('main') ?? document.body;
  const overflow = document.documentElement.scrollWidth - window.innerWidth;
  if (overflow > 0) faults.add(`the view is ${overflow} px too wide`);
  const hints = [...document.querySelectorAll('.hint > button')].filter(isShown);
  if (hints.length > limits.hints)
    faults.add(`${hints.length} hints: ${hints.map((hint) => hint.ariaLabel).join(', ')}`);
  for (const element of document.querySelectorAll('a[href], button, input, select, textarea, summary'))
    if (isShown(element)) checkTarget(element);
  for (const element of main.querySelectorAll('*')) if (isShown(element)) checkClipped(element);
  const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) if (node instanceof Text) checkWords(node);
  window.scrollTo(0, 0);
  return [...faults];
}
