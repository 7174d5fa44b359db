import type { ErrorView } from '../../../../src/identity/contract.ts'
import classes from './Doctrine.module.css'

/** Shows the server's problems with one field, right below it. */
export function FieldProblems(props: { problems: ErrorView['problems'] }) {
  if (props.problems.length === 0) return null
  return (
    <div role="alert">
      <ul className={classes.problems}>
        {props.problems.map((problem) => (
          <li key={`${problem.code}${problem.message}`}>{problem.message}</li>
        ))}
      </ul>
    </div>
  )
}
