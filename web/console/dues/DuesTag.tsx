import type { DuesState } from '../../../src/dues/contract.ts'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useText } from '../../ui/text.ts'

const tones: Record<DuesState, Tone> = { late: 'bad', due: 'warn', paid: 'neutral', exempt: 'neutral' }

/** Shows the state of a member's dues for a year. */
export function DuesTag(props: { state: DuesState }) {
  const { t } = useText()
  return <StateTag tone={tones[props.state]}>{t(`dues.state.${props.state}`)}</StateTag>
}
