import { Button, type ButtonProps, FileButton } from '@mantine/core'
import { type ReactNode, useRef, useState } from 'react'

/** Lets one file be dropped here, or chosen. */
export function FileDrop(props: {
  /** Name of the area for assistive technology. */
  label: string
  /** Label of the button. */
  choose: string
  /** Extensions that the browser offers, separated by commas. */
  accept: string
  isBusy: boolean
  className: string | undefined
  variant?: ButtonProps['variant']
  /** Above the button. */
  children: ReactNode
  /** Below it. */
  formats: ReactNode
  onFile: (file: File) => void
}) {
  const { isBusy, onFile } = props
  const [isOver, setOver] = useState(false)
  const forget = useRef<() => void>(null)
  const give = (file: File | null | undefined) => {
    if (file !== null && file !== undefined && !isBusy) onFile(file)
  }
  return (
    <section
      className={props.className}
      aria-label={props.label}
      aria-busy={isBusy}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        give(event.dataTransfer.files[0])
      }}
    >
      {props.children}
      <FileButton
        resetRef={forget}
        onChange={(file) => {
          give(file)
          // Browsers report no change when the file that was chosen last, such as a mended one, is chosen again.
          forget.current?.()
        }}
        accept={props.accept}
        disabled={isBusy}
      >
        {(button) => (
          <Button {...button} variant={props.variant ?? 'filled'} loading={isBusy}>
            {props.choose}
          </Button>
        )}
      </FileButton>
      {props.formats}
    </section>
  )
}
