// What the examples share: who you are, what you have missed, and how the connection is.
export const $ = id => document.getElementById(id);

/** Text is set as text: what others send never becomes markup. */
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A token function for `connect`. A site of your own asks its backend, which knows its user from its login. */
export const token = (user, ...channels) => async ({ signal }) => {
  const query = new URLSearchParams([['user', user], ...channels.map(channel => ['channel', channel])]);
  const response = await fetch(`/demo/token?${query}`, { signal });
  if (!response.ok) throw new Error(await response.text());
  return response.text();
};

/** The log of a channel, and the position to subscribe after. */
export const history = async channel =>
  (await fetch(`/demo/history?${new URLSearchParams({ channel })}`)).json();

/** Why something was refused, in words. */
export const why = error => error.problem?.detail ?? error.problem?.title ?? error.message;

/** The name in the address, or another one in each tab. */
export function myName() {
  const given = new URLSearchParams(location.search).get('user');
  const name = given ?? sessionStorage.getItem('name') ?? `guest-${Math.floor(Math.random() * 900 + 100)}`;
  sessionStorage.setItem('name', name);
  return name;
}

export function showState(h) {
  const show = (state, text) => {
    $('state').dataset.state = state;
    $('state').textContent = text;
  };
  show('connecting', 'connecting');
  h.addEventListener('open', () => show('open', `connected as ${h.user}`));
  h.addEventListener('reconnecting', () => show('waiting', 'reconnecting'));
  h.addEventListener('closed', ({ detail }) => show('closed', `closed: ${detail.reason || detail.code}`));
}
