import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { MemberView } from '../../../../src/members/contract.ts'
import type { QuietHours } from '../../../../src/schemes/settings/care.ts'
import { callApi } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { QuietHoursForm } from '../../../ui/fields/QuietHoursForm.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { memberQuery } from '../queries.ts'

/** Shows the quiet hours of a member; the chamber can change them. */
export function QuietHoursField(props: { member: MemberView }) {
  const { scheme, may } = useCurrent()
  const client = useQueryClient()
  const care = useQuery(schemeQuery(scheme.id)).data?.doctrine.care
  const { id, quiet: saved } = props.member
  if (care === undefined) return null
  const save = async (quiet: QuietHours | null) => {
    const member = await callApi('setQuietHours', { params: { scheme: scheme.id, id }, body: { quiet } })
    client.setQueryData(memberQuery(scheme.id, id).queryKey, member)
    void client.invalidateQueries({ queryKey: ['audience', scheme.id] })
    return member.quiet
  }
  return (
    <QuietHoursForm session="console" saved={saved} care={care} mayChange={may('member.care')} save={save} />
  )
}
