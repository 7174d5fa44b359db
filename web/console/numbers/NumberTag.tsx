import type { NumberHealth } from '../../../src/members/contract.ts'
import { useText } from '../../ui/format/text.ts'
import { StateTag } from '../../ui/StateTag.tsx'

/** Marks a dead or doubtful number; renders nothing for a good one. */
export function NumberTag(props: { state: NumberHealth['state'] }) {
  const { t } = useText()
  if (props.state === 'ok') return null
  return (
    <StateTag tone={props.state === 'dead' ? 'bad' : 'warn'}>{t(`numbers.state.${props.state}`)}</StateTag>
  )
}
