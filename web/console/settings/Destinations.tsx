import { Button, Checkbox, Group, Stack } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { defaultRegions, REGIONS, type Region } from '../../../src/identity/regions.ts'
import { callApi } from '../../api/client.ts'
import { schemeQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { enrolmentSettingsQuery } from '../enrolments/queries.ts'
import { settingChangesQuery } from './changes/queries.ts'
import { SecondPerson } from './changes/SecondPerson.tsx'
import { REGION_NAMES } from './regions.ts'
import classes from './Settings.module.css'

/** Sets the territories whose mobiles get codes of the scheme. */
export function Destinations(props: { schemeId: string }) {
  const { t } = useText()
  const { schemeId } = props
  const client = useQueryClient()
  const settings = useQuery(enrolmentSettingsQuery(schemeId))
  const scheme = useQuery(schemeQuery(schemeId)).data
  const inForce =
    settings.data === undefined || scheme === undefined
      ? undefined
      : (settings.data.destinations ?? defaultRegions(scheme.timeZone))
  const [wanted, setWanted] = useState<readonly Region[] | null>(null)
  const [reason, setReason] = useState('')
  const discard = () => {
    setWanted(null)
    setReason('')
  }
  const save = useAction(
    (destinations: Region[]) =>
      callApi('setEnrolmentSettings', { params: { scheme: schemeId }, body: { destinations, reason } }),
    {
      fields: ['reason'],
      refresh: [settingChangesQuery(schemeId).queryKey],
      success: ({ proposed }) =>
        t(proposed === null ? 'settings.destinations.saved' : 'settingChange.proposed'),
      onSuccess: ({ proposed: _, ...saved }) => {
        client.setQueryData(enrolmentSettingsQuery(schemeId).queryKey, saved)
        discard()
      },
    },
  )
  const chosen = wanted ?? inForce ?? []
  const isChanged = wanted !== null && inForce !== undefined && wanted.join() !== inForce.join()
  return (
    <section className={classes.card} aria-labelledby="destinations">
      <h3 id="destinations" className={classes.cardTitle}>
        {t('settings.destinations')}
      </h3>
      <p className={classes.mute}>{t('settings.destinations.what')}</p>
      {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
      {inForce !== undefined && (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (wanted !== null && !save.isPending) save.mutate([...wanted])
          }}
        >
          <Checkbox.Group
            label={t('settings.destinations.label')}
            value={[...chosen]}
            onChange={(values) => setWanted(REGIONS.filter((region) => values.includes(region)))}
          >
            <Stack gap={12} mt={8}>
              {REGIONS.map((region) => (
                <Checkbox
                  key={region}
                  value={region}
                  label={t(REGION_NAMES[region])}
                  disabled={save.isPending || (chosen.length === 1 && chosen[0] === region)}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          {isChanged && (
            <>
              <SecondPerson
                subject="enrolment"
                settings={['enrolment.destinations']}
                reason={reason}
                onReason={setReason}
                error={save.problemAt('reason')}
              />
              <Group gap={8} mt={8}>
                <Button type="submit" loading={save.isPending}>
                  {t('settingChange.propose')}
                </Button>
                <Button variant="default" disabled={save.isPending} onClick={discard}>
                  {t('settings.discard')}
                </Button>
              </Group>
            </>
          )}
        </form>
      )}
      <Failure error={save.failure} />
    </section>
  )
}
