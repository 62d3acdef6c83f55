// The camera: takes a picture of the code in the other window, has it read, and opens what a phone would open.
const $ = (id) => document.getElementById(id);
const SIDE = 600;
let screen;

$('open').addEventListener('click', () => {
  screen = window.open('/login', 'screen', 'width=900,height=760');
  $('look').disabled = !screen;
});

$('look').addEventListener('click', async () => {
  const code = screen?.document.querySelector('#code svg');
  if (!code) {
    $('status').textContent = 'There is no code to be seen.';
    return;
  }
  const answer = await fetch('/demo/phone/camera', {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: await picture(code),
  }).then((response) => response.json());
  if (answer.page) location.assign(answer.page);
  else $('status').textContent = answer.trouble;
});

async function picture(svg) {
  const address = URL.createObjectURL(new Blob([svg.outerHTML], { type: 'image/svg+xml' }));
  try {
    const image = new Image(SIDE, SIDE);
    image.src = address;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
    canvas.getContext('2d').drawImage(image, 0, 0, SIDE, SIDE);
    return await new Promise((done) => canvas.toBlob(done, 'image/png'));
  } finally {
    URL.revokeObjectURL(address);
  }
}
