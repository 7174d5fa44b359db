import { parseArgs } from 'node:util'
import { type Segmentation, segmentMessage } from '../message/segment.ts'
import { type Lang, say } from '../messages/say.ts'
import type { CommandIo } from './command.ts'

/** A replaced character as an operator can read it: by name or code when it has no ink. */
function show(lang: Lang, character: string): string {
  if (character === '') return say(lang, 'cli.message.removed')
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character) && !/[\p{Z}\p{C}]/u.test(character)) return character
  const codes = [...character].map(
    (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return character === ' ' ? say(lang, 'cli.message.space') : codes.join(' ')
}

function describe(lang: Lang, { encoding, parts, units, unitsLeft, replaced }: Segmentation): string {
  const lines = [
    say(lang, 'cli.message.encoding', { encoding }),
    say(lang, 'cli.message.parts', { parts: parts.length }),
    say(lang, 'cli.message.units', { units, left: unitsLeft }),
    ...parts.map((part, i) => `${say(lang, 'cli.message.part', { number: i + 1 })}${part}`),
  ]
  if (replaced.length > 0) {
    const changes = replaced.map(({ from, to, count }) => {
      const times = count > 1 ? ` (${say(lang, 'cli.message.times', { count })})` : ''
      return `${show(lang, from)} → ${show(lang, to)}${times}`
    })
    lines.push(`${say(lang, 'cli.message.replaced')}${changes.join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}

/**
 * `tocsin message "text" [--json] [--no-fold]`: shows how a text will be sent. Folds unless told not to, since
 * that is what a broadcast does. Returns the exit status: 0, or 2 for a usage error.
 */
export async function messageCommand(
  args: string[],
  io: Pick<CommandIo, 'lang' | 'stdout' | 'stderr'>,
): Promise<number> {
  const { lang } = io
  const usage = say(lang, 'cli.message.usage')
  const wrong = (key: string) => {
    io.stderr(`${say(lang, key)}\n${usage}`)
    return 2
  }
  let parsed: { values: { json: boolean; fold: boolean; help: boolean }; positionals: string[] }
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        json: { type: 'boolean', default: false },
        fold: { type: 'boolean', default: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch {
    return wrong('cli.message.option')
  }
  const { values, positionals } = parsed
  if (values.help) {
    io.stdout(usage)
    return 0
  }
  const [text] = positionals
  if (text === undefined) return wrong('cli.message.missing')
  if (positionals.length > 1) return wrong('cli.message.several')
  const segmentation = segmentMessage(text, { fold: values.fold })
  io.stdout(values.json ? `${JSON.stringify(segmentation)}\n` : describe(lang, segmentation))
  return 0
}
