import { parseArgs } from 'node:util'
import { type Segmentation, segmentMessage } from '../message/segment.ts'

/** Where a command writes; one call may hold several lines. */
interface Io {
  stdout: (text: string) => void
  stderr: (text: string) => void
}

const USAGE = `Utilisation : tocsin message "texte" [--json] [--no-fold]

Montre comment un texte partira en SMS : alphabet, parties, unités.
  --json      une ligne JSON
  --no-fold   laisse les lettres que GSM-7 n'a pas (le message passe alors en UCS-2)
`

/** A replaced character as an operator can read it: by name or code when it has no ink. */
function show(character: string): string {
  if (character === '') return '(supprimé)'
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character) && !/[\p{Z}\p{C}]/u.test(character)) return character
  const codes = [...character].map(
    (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return character === ' ' ? 'espace' : codes.join(' ')
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count > 1 ? 's' : ''}`
}

function describe({ encoding, parts, units, unitsLeft, replaced }: Segmentation): string {
  const lines = [
    `Alphabet  : ${encoding}`,
    `Parties   : ${parts.length}`,
    `Unités    : ${units} (${plural(unitsLeft, 'libre')} dans la dernière partie)`,
  ]
  for (const [i, part] of parts.entries()) lines.push(`Partie ${i + 1}  : ${part}`)
  if (replaced.length > 0) {
    const changes = replaced.map(
      ({ from, to, count }) => `${show(from)} → ${show(to)}${count > 1 ? ` (${count} fois)` : ''}`,
    )
    lines.push(`Remplacés : ${changes.join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}

/**
 * `tocsin message "text" [--json] [--no-fold]`: shows how a text will be sent. Folds unless told not to, since
 * that is what a broadcast does. Returns the exit status: 0, or 2 for a usage error.
 */
export async function messageCommand(args: string[], io: Io): Promise<number> {
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
  } catch (error) {
    io.stderr(`${(error as Error).message}\n${USAGE}`)
    return 2
  }
  const { values, positionals } = parsed
  if (values.help) {
    io.stdout(USAGE)
    return 0
  }
  const [text] = positionals
  if (text === undefined || positionals.length > 1) {
    io.stderr(
      `${text === undefined ? 'Il manque le texte.' : 'Un seul texte : mettez-le entre guillemets.'}\n${USAGE}`,
    )
    return 2
  }
  const segmentation = segmentMessage(text, { fold: values.fold })
  io.stdout(values.json ? `${JSON.stringify(segmentation)}\n` : describe(segmentation))
  return 0
}
