import { readFileSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'

const brotliOf = promisify(brotliCompress)
const sizes = new Map<string, number>()

/**
 * Returns the octets of a file of the web app as a release sends it. It compresses the file itself, at the best quality, which
 * is the default: the files that tests build may be larger (vite.config.ts).
 */
export async function releasedSize(file: string): Promise<number> {
  const size = sizes.get(file) ?? (await brotliOf(readFileSync(file))).length
  sizes.set(file, size)
  return size
}

/** Returns how many octets the compressed file of this build is larger than that of a release; zero where there is none. */
export async function excessOverRelease(file: string): Promise<number> {
  const built = statSync(`${file}.br`, { throwIfNoEntry: false })
  return built === undefined ? 0 : built.size - (await releasedSize(file))
}
