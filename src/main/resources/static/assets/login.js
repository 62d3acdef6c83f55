import { connect } from '/heliograph.js';
import { startLogin } from '/assets/heliograph-login.js';

const $ = (id) => document.getElementById(id);

const WORDS = {
  ISSUED: 'Scan the code with your phone',
  SCANNED: 'Scanned. Confirm on your phone',
  CONFIRMED: 'Confirmed. Logging in…',
  CONSUMED: 'You are logged in',
  DENIED: 'The login was refused on the phone',
  CANCELLED: 'The login was cancelled',
  SUPERSEDED: 'The code was replaced by a new one',
  EXPIRED: 'The code has expired',
};

let current;
let grant;
let ended;

function show(state) {
  if (ended || state.state === 'SUPERSEDED') return; // the state of its replacement follows
  current = state;
  document.body.dataset.state = state.state;
  $('status').textContent = WORDS[state.state] ?? state.state;
  $('code').classList.toggle('over', state.state !== 'ISSUED');
  $('match').hidden = state.matchCode === undefined || !['ISSUED', 'SCANNED'].includes(state.state);
  $('match-code').textContent = state.matchCode ?? '';
  $('again').hidden = !(state.final && state.state !== 'CONSUMED');
  tick();
  curl(state);
}

function tick() {
  const waiting = current && ['ISSUED', 'SCANNED'].includes(current.state);
  $('countdown').textContent = waiting ? `${Math.ceil(current.remainingMs() / 1000)} s` : '';
}

function collected(result) {
  grant = result.grantCode;
  ended = true;
  document.body.dataset.state = 'CONSUMED';
  $('status').textContent = WORDS.CONSUMED;
  $('countdown').textContent = '';
  $('match').hidden = true;
  $('again').hidden = true;
  curl(current);
}

function curl(state) {
  const call = (path, body) =>
    `curl -s ${location.origin}${path} \\\n  -H "Authorization: Bearer $HELIOGRAPH_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'`;
  const confirm = { subject: 'alice', ...(state.matchCode !== undefined && { matchCode: state.matchCode }) };
  $('curl-scan').textContent = call(`/v1/logins/${state.ticket}/scan`, { subject: 'alice' });
  $('curl-confirm').textContent = call(`/v1/logins/${state.ticket}/confirm`, confirm);
  $('curl-redeem').textContent = call('/v1/grants/redeem', { grantCode: grant ?? '(available after the confirmation)' });
}

function trouble(error) {
  $('status').textContent = error.message || 'Something went wrong';
  $('again').hidden = false;
}

const login = startLogin({
  code: $('code'),
  connection: connect(),
  label: navigator.userAgentData?.platform ? `Browser on ${navigator.userAgentData.platform}` : 'Browser',
  onState: show,
  onGrant: collected,
  onError: trouble,
});

setInterval(tick, 500);
$('again').addEventListener('click', () => {
  ended = false;
  $('again').hidden = true;
  login.restart();
});
addEventListener('pagehide', () => login.leave());

const demonstration = await fetch('/v1/logins/demonstration').then((r) => (r.ok ? r.json() : {}), () => ({}));
$('backend').hidden = !demonstration.generatedKey;
