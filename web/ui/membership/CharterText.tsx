import classes from './CharterText.module.css'

/** Shows a charter as applicants read it. */
export function CharterText(props: { text: string; label: string; className?: string | undefined }) {
  return (
    <section
      className={`${classes.charter} ${props.className ?? ''}`}
      aria-label={props.label}
      lang="fr"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {props.text.split('\n\n').map((paragraph, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two paragraphs may say the same
        <p key={index}>{paragraph}</p>
      ))}
    </section>
  )
}
