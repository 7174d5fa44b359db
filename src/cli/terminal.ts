import cliProgress from 'cli-progress'
import type { CommandIo } from '../commands/command.ts'
import type { Lang } from '../i18n/format.ts'

interface Streams {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** Writes text to stdout and stderr, and draws a progress bar on stderr when it is a terminal. */
export function createTerminal(
  lang: Lang,
  { stdout, stderr }: Streams = process,
): CommandIo & { close(): void } {
  let bar: { readonly label: string; readonly bar: cliProgress.SingleBar } | undefined

  function close(): void {
    bar?.bar.stop()
    bar = undefined
  }

  return {
    lang,
    stdout(text) {
      close()
      stdout.write(text)
    },
    stderr(text) {
      close()
      stderr.write(text)
    },
    progress(label, done, total, detail = '') {
      if (!stderr.isTTY) {
        if (done >= total) stderr.write(`${[label, `${done}/${total}`, detail].join(' ').trim()}\n`)
        return
      }
      if (bar?.label !== label) {
        close()
        const format = `${label} {bar} {percentage} % ({value}/{total}) {detail}`
        bar = {
          label,
          bar: new cliProgress.SingleBar(
            { format, hideCursor: true, clearOnComplete: false, stream: stderr },
            cliProgress.Presets.shades_classic,
          ),
        }
        bar.bar.start(total, done, { detail })
      }
      bar.bar.update(done, { detail })
      if (done >= total) close()
    },
    close,
  }
}
