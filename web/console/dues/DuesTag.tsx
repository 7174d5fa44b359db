import type { DuesState } from '../../../src/dues/contract.ts'
import { useText } from '../../ui/format/text.ts'
import { StateTag } from '../../ui/StateTag.tsx'

/** Shows the state of a member's dues for a year, without the colours of severity: a late payment endangers nobody. */
export function DuesTag(props: { state: DuesState }) {
  const { t } = useText()
  return <StateTag tone="neutral">{t(`dues.state.${props.state}`)}</StateTag>
}
