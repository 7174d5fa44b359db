import classes from './Brand.module.css'

/** @param props.short the mark alone, beside the name of a scheme */
export function Brand(props: { short?: boolean }) {
  return (
    <span className={classes.brand}>
      <svg viewBox="0 0 32 32" aria-hidden width={props.short ? 32 : 24} height={props.short ? 32 : 24}>
        <rect width="32" height="32" rx="9" fill="var(--accent)" />
        <path
          d="M16 6a1.7 1.7 0 0 1 1.7 1.7v.5c3 .8 4.8 3.3 4.8 6.5 0 3.4.8 5 2 6.2.6.6.2 1.6-.7 1.6H8.2c-.9 0-1.3-1-.7-1.6 1.2-1.2 2-2.8 2-6.2 0-3.2 1.8-5.7 4.8-6.5v-.5A1.7 1.7 0 0 1 16 6zm-2.7 18h5.4a2.7 2.7 0 0 1-5.4 0z"
          fill="var(--accent-ink)"
        />
      </svg>
      {!props.short && 'Tocsin'}
    </span>
  )
}
