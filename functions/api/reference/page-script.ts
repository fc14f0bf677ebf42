/**
 * Search, copy buttons, one language for all examples, and the theme of the dashboard. The page's policy allows this text by
 * its hash, so it is not bundled.
 */
export const referenceScript = `(() => {
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
function stored(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch {}
}
const theme = stored('hopcount.theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;

function choose(language) {
  for (const input of all('.example input')) input.checked = input.value === language;
}
if (stored('hopcount.examples') === 'typescript') choose('typescript');
addEventListener('change', ({ target }) => {
  if (target.type !== 'radio') return;
  const top = target.getBoundingClientRect().top;
  choose(target.value);
  stored('hopcount.examples', target.value);
  scrollBy({ top: target.getBoundingClientRect().top - top, behavior: 'instant' });
});

for (const example of all('.example')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    const shown = all('pre', example).find((pre) => pre.offsetParent !== null);
    try {
      await navigator.clipboard.writeText(shown.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(shown);
      button.textContent = 'Selected';
    }
    setTimeout(() => (button.textContent = 'Copy'), 2000);
  });
  example.append(button);
}

const contents = document.querySelector('nav details');
const wide = matchMedia('(min-width: 900px)');
contents.open = wide.matches;
wide.addEventListener('change', () => (contents.open = wide.matches));
contents.addEventListener('click', ({ target }) => {
  if (target.matches('a') && !wide.matches) contents.open = false;
});

const search = document.querySelector('nav input');
const status = document.querySelector('[role=status]');
const articles = all('article').map((article) => ({ article, text: article.textContent.toLowerCase() }));
const groups = all('nav b').map((title) => ({ title, items: all('li', title.nextElementSibling) }));
search.parentElement.hidden = false;
function find() {
  const words = search.value.toLowerCase().split(/\\s+/);
  const hits = new Set();
  for (const { article, text } of articles) {
    article.hidden = !words.every((word) => text.includes(word));
    if (!article.hidden) hits.add('#' + article.id);
  }
  for (const { title, items } of groups) {
    for (const item of items) item.hidden = !hits.has(item.firstElementChild.hash);
    title.hidden = items.every((item) => item.hidden);
  }
  for (const section of all('main > section')) {
    const own = all('article', section);
    section.hidden = own.length === 0 ? search.value !== '' : own.every((article) => article.hidden);
  }
  status.textContent = search.value === '' ? '' : hits.size === 0 ? 'Nothing found.' : hits.size + (hits.size === 1 ? ' match' : ' matches');
}
search.addEventListener('input', find);
addEventListener('hashchange', () => {
  const target = document.getElementById(location.hash.slice(1));
  if (!target || target.offsetParent !== null) return;
  search.value = '';
  find();
  target.scrollIntoView();
});
})();`;
