import { Button, Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { DropDebit } from '../../../../src/dues/collect/debit-contract.ts'
import { callApi } from '../../../api/client.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { debitFileQuery } from '../queries.ts'

/** Removes one debit from a file that was not sent to the bank yet; the file is generated again without it. */
export function DropDebitForm(props: {
  memberId: string
  fileId: string
  debitId: string
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const [notAtBank, setNotAtBank] = useState(false)
  const save = useAction(
    (body: DropDebit) =>
      callApi('dropDebit', { params: { scheme: scheme.id, file: props.fileId, debit: props.debitId }, body }),
    {
      stores: (file) => debitFileQuery(scheme.id, file.id).queryKey,
      success: t('dues.collecting.out.done'),
      refresh: [
        ['member-dues', scheme.id, props.memberId],
        ['dues', scheme.id],
        ['debits', scheme.id],
      ],
      onSuccess: () => props.onClose(),
    },
  )
  const isTaken = isRefusal(save.error, 'debit_file_taken')
  return (
    <form
      className={classes.form}
      noValidate
      aria-label={t('dues.collecting.out')}
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate({ notAtBank })
      }}
    >
      <p className={classes.about}>{t('dues.collecting.out.what')}</p>
      {(isTaken || notAtBank) && (
        <Checkbox
          label={t('dues.collecting.notAtBank')}
          checked={notAtBank}
          onChange={(event) => setNotAtBank(event.currentTarget.checked)}
        />
      )}
      <Failure error={save.failure} />
      <DialogButtons onBack={props.onClose} back={t('dues.cancel')} disabled={save.isPending}>
        <Button type="submit" autoFocus loading={save.isPending}>
          {t('dues.collecting.out.do')}
        </Button>
      </DialogButtons>
    </form>
  )
}
