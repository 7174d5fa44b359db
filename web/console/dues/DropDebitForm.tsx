import { Button, Checkbox } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DropDebit } from '../../../src/dues/collect/debit-contract.ts'
import { ApiError, callApi } from '../../api/client.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Dues.module.css'
import { debitFileQuery } from './queries.ts'

/** Removes one debit from a file that was not sent to the bank yet; the file is generated again without it. */
export function DropDebitForm(props: {
  memberId: string
  fileId: string
  debitId: string
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const [notAtBank, setNotAtBank] = useState(false)
  const save = useMutation({
    mutationFn: (body: DropDebit) =>
      callApi('dropDebit', { params: { scheme: scheme.id, file: props.fileId, debit: props.debitId }, body }),
    onSuccess: async (file) => {
      client.setQueryData(debitFileQuery(scheme.id, file.id).queryKey, file)
      void toast(t('dues.collecting.out.done'))
      props.onClose()
      await Promise.all([
        client.invalidateQueries({ queryKey: ['member-dues', scheme.id, props.memberId] }),
        client.invalidateQueries({ queryKey: ['dues', scheme.id] }),
        client.invalidateQueries({ queryKey: ['debits', scheme.id] }),
      ])
    },
  })
  const isTaken = save.error instanceof ApiError && save.error.code === 'debit_file_taken'
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
      {save.isError && <Failure error={save.error} />}
      <div className={classes.actions}>
        <Button type="submit" autoFocus loading={save.isPending}>
          {t('dues.collecting.out.do')}
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={props.onClose}>
          {t('dues.cancel')}
        </Button>
      </div>
    </form>
  )
}
