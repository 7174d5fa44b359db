import { NumberInput, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { NumberSettings } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from './Numbers.module.css'
import { numberSettingsQuery } from './queries.ts'

/** Sets whether numbers are re-confirmed once a year by SMS, and how many a day. */
export function Reconfirm(props: { schemeId: string }) {
  const { t } = useText()
  const query = numberSettingsQuery(props.schemeId)
  const settings = useQuery(query)
  const [perDay, setPerDay] = useState<number | string>('')
  const known = settings.data
  useEffect(() => {
    if (known !== undefined) setPerDay(known.perDay)
  }, [known])
  const save = useAction(
    (body: NumberSettings) => callApi('setNumberSettings', { params: { scheme: props.schemeId }, body }),
    {
      stores: query.queryKey,
      success: (saved) =>
        t(saved.reconfirm ? 'numbers.reconfirm.isOn' : 'numbers.reconfirm.isOff', { count: saved.perDay }),
    },
  )
  if (settings.isLoadingError) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  const isReady = known !== undefined && !save.isPending
  return (
    <section className={classes.reconfirm} aria-label={t('numbers.reconfirm')}>
      <Switch
        label={t('numbers.reconfirm')}
        description={t('numbers.reconfirm.what')}
        checked={known?.reconfirm ?? false}
        disabled={!isReady}
        onChange={(event) => {
          if (known !== undefined) save.mutate({ ...known, reconfirm: event.currentTarget.checked })
        }}
      />
      {known?.reconfirm === true && (
        <NumberInput
          label={t('numbers.reconfirm.perDay')}
          min={1}
          max={500}
          allowDecimal={false}
          hideControls
          disabled={!isReady}
          value={perDay}
          onChange={setPerDay}
          onBlur={() => {
            const count = Number(perDay)
            if (count >= 1 && count <= 500 && count !== known.perDay) save.mutate({ ...known, perDay: count })
            else setPerDay(known.perDay)
          }}
        />
      )}
      <Failure error={save.failure} />
    </section>
  )
}
