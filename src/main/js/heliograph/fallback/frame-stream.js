// @ts-check
/** Reads the frames of an answer: a list in JSON, or a stream of server-sent events, as they come. */

/** @param {Response} response @returns {AsyncGenerator<import('../frames.js').Frame, void, void>} */
export async function* readFrames(response) {
  if (/json/.test(response.headers.get('Content-Type') ?? '')) {
    yield* await response.json();
    return;
  }
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + decoder.decode(read.value, {stream: true})).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) {
        data += line.slice(5); // a line end in JSON is white space
      } else if (line.startsWith(':')) {
        yield {type: 'pong'}; // a heartbeat
      } else if (data && !line.trim()) {
        yield JSON.parse(data);
        data = '';
      }
    }
  }
}
