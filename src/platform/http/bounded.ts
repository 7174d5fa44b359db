/**
 * Reads the body of an answer up to a size, whatever length the server declares.
 * @param tooLong makes the error of a longer answer, whose rest is cancelled
 */
export async function readBounded(
  response: Response,
  maxBytes: number,
  tooLong: () => Error = () => new Error('answer too long'),
): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    // Leaving the loop cancels the rest of the response.
    if (length > maxBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}
