// A sound is made or recorded, and streamed to the backend, which answers how much came and its digest.
import { connect } from '/heliograph.js';
import { $, myName, showState, token, why } from './demo.js';

const h = connect('/ws', { token: token(myName()) });
showState(h);

let sound;

function use(blob, text) {
  sound = blob;
  URL.revokeObjectURL($('play').src);
  $('play').src = URL.createObjectURL(blob);
  $('play').hidden = false;
  $('send').disabled = false;
  $('progress').value = 0;
  $('result').textContent = $('digest').textContent = $('trouble').textContent = '';
  $('sound').textContent = `${text}, ${blob.size.toLocaleString('en')} bytes`;
}

// ---- a tune ----

const RATE = 24_000;
const NOTES = [523, 659, 784, 1047, 784, 1047];

/** Samples of a plucked string for each note. */
function tune() {
  const length = RATE / 4;
  const samples = new Int16Array(NOTES.length * length);
  samples.forEach((_, i) => {
    const at = i % length;
    const tone = Math.sin(2 * Math.PI * NOTES[Math.floor(i / length)] * at / RATE);
    samples[i] = 20_000 * tone * Math.exp(-4 * at / length);
  });
  return samples;
}

/** RIFF: 16 bits, one channel. */
function wav(samples) {
  const head = new DataView(new ArrayBuffer(44));
  const text = (at, letters) => [...letters].forEach((letter, i) => head.setUint8(at + i, letter.charCodeAt(0)));
  text(0, 'RIFF');
  head.setUint32(4, 36 + samples.byteLength, true);
  text(8, 'WAVEfmt ');
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, RATE, true);
  head.setUint32(28, RATE * 2, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  text(36, 'data');
  head.setUint32(40, samples.byteLength, true);
  return new Blob([head, samples], { type: 'audio/wav' });
}

$('tune').addEventListener('click', () => use(wav(tune()), 'A tune'));

// ---- the microphone ----

let recorder;

$('record').addEventListener('click', async () => {
  if (recorder) {
    recorder.stop();
    return;
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    $('sound').textContent = `No microphone: ${error.message}`;
    return;
  }
  const parts = [];
  recorder = new MediaRecorder(stream);
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = () => {
    stream.getTracks().forEach(track => track.stop());
    use(new Blob(parts, { type: recorder.mimeType }), 'Your recording');
    recording(false);
    recorder = undefined;
  };
  recorder.start();
  recording(true);
});

function recording(on) {
  $('record').textContent = on ? 'Stop' : 'Record';
  $('record').setAttribute('aria-pressed', on);
  if (on) $('sound').textContent = 'Recording…';
}

// ---- to the backend ----

$('send').addEventListener('click', async () => {
  $('send').disabled = true;
  $('result').textContent = 'Sending…';
  $('trouble').textContent = '';
  try {
    const { length, sha256 } = await h.upload(sound, {
      name: 'voice',
      contentType: sound.type,
      onProgress: ({ sent, size }) => $('progress').value = sent / size,
    });
    $('progress').value = 1;
    const same = sha256 === await digest(sound);
    $('result').textContent = `The backend received ${length.toLocaleString('en')} bytes, ${same ? 'the same' : 'but others'} as were sent.`;
    $('digest').textContent = `SHA-256 ${sha256}`;
  } catch (error) {
    $('result').textContent = '';
    $('trouble').textContent = `Not sent: ${why(error)}`;
  }
  $('send').disabled = false;
});

async function digest(blob) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
