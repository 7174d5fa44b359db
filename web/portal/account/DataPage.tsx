import { Button, Checkbox, Skeleton } from '@mantine/core'
import IconDownload from '@tabler/icons-react/icons/IconDownload'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readableSiret } from '../../../src/message/written.ts'
import type { OwnShopView } from '../../../src/portal/shop/contract.ts'
import { callApi, urlOf } from '../../api/client.ts'
import {
  leftQuery,
  ownCharterQuery,
  ownShopQuery,
  paramsOfShop,
  portalSessionQuery,
} from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { dayOf } from '../../ui/format/format.ts'
import { type Lang, useText } from '../../ui/format/text.ts'
import { nameIn } from '../../ui/format/trade.ts'
import { Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'
import { BusinessForm } from './BusinessForm.tsx'
import { Passkeys } from './Passkeys.tsx'
import { Sessions } from './Sessions.tsx'

/** Shows the stored data of the shop: to be read, exported, corrected and deleted. */
export function DataPage() {
  const { t } = useText()
  const { shop } = useShop()
  usePageTitle(t('portal.data.title'))
  const own = useQuery(ownShopQuery(shop))
  return (
    <>
      <h1 className={classes.title}>{t('portal.data.title')}</h1>
      {own.isError && own.data === undefined && (
        <Failure error={own.error} retry={() => void own.refetch()} />
      )}
      {own.isPending && <Skeleton height={320} radius="lg" />}
      {own.data !== undefined && (
        <>
          <Business key={shop.member.id} own={own.data} />
          <section className={classes.card} aria-labelledby="emporter">
            <h2 id="emporter">{t('portal.data.take')}</h2>
            <p className={classes.hint}>{t('portal.data.take.what')}</p>
            <div className={classes.acts}>
              {(['json', 'csv'] as const).map((format) => (
                <Button
                  key={format}
                  component="a"
                  href={urlOf(format === 'json' ? 'exportOwnDataJson' : 'exportOwnDataCsv', {
                    params: paramsOfShop(shop),
                  })}
                  download
                  variant="default"
                  size="md"
                  leftSection={<IconDownload size={18} stroke={1.7} aria-hidden />}
                >
                  {t(`portal.data.${format}`)}
                </Button>
              ))}
            </div>
          </section>
          <Charter />
          <Passkeys />
          <Sessions />
          {shop.member.status === 'active' && <Papers />}
          <Leave key={`leave ${shop.member.id}`} own={own.data} />
        </>
      )}
    </>
  )
}

/** Shows the signed version, with a link to the current text. */
function Charter() {
  const { t, lang } = useText()
  const { shop } = useShop()
  const charter = useQuery(ownCharterQuery(shop))
  const signed = charter.data?.signed ?? null
  return (
    <section className={classes.card} aria-labelledby="charte">
      <h2 id="charte">{t('portal.charter')}</h2>
      {charter.isError && <Failure error={charter.error} retry={() => void charter.refetch()} />}
      {charter.isPending && <Skeleton height={48} />}
      {charter.data !== undefined && (
        <p className={classes.hint}>
          {signed === null
            ? t('portal.charter.unsigned', { version: charter.data.version })
            : t('portal.charter.signed', {
                version: signed.version,
                name: signed.name,
                day: dayOf(lang, signed.at),
                current: String(signed.version === charter.data.version),
                inForce: charter.data.version,
              })}
        </p>
      )}
      <div>
        <Button component={Link} to="/portail/charte" variant="light">
          {t('portal.charter.open')}
        </Button>
      </div>
    </section>
  )
}

/** Shows the certificate and the sticker of a member. */
function Papers() {
  const { t } = useText()
  const { shop } = useShop()
  return (
    <section className={classes.card} aria-labelledby="papiers">
      <h2 id="papiers">{t('portal.papers')}</h2>
      <p className={classes.hint}>{t('portal.papers.what')}</p>
      <div className={classes.acts}>
        {(['certificate', 'sticker'] as const).map((paper) => (
          <Button
            key={paper}
            component="a"
            href={urlOf(paper === 'certificate' ? 'getOwnCertificate' : 'getOwnSticker', {
              params: paramsOfShop(shop),
            })}
            target="_blank"
            rel="noreferrer"
            variant="default"
            size="md"
            leftSection={<IconDownload size={18} stroke={1.7} aria-hidden />}
          >
            {t(`portal.papers.${paper}`)}
          </Button>
        ))}
      </div>
    </section>
  )
}

function Business(props: { own: OwnShopView }) {
  const { t, lang } = useText()
  const { may } = useShop()
  const { business, chamber } = props.own
  const [isEditing, setEditing] = useState(false)
  const { correction } = business
  return (
    <section className={classes.card} aria-labelledby="le-commerce">
      <h2 id="le-commerce">{t('portal.data.business')}</h2>
      {isEditing ? (
        <BusinessForm own={props.own} onClose={() => setEditing(false)} />
      ) : (
        <>
          <dl className={classes.kept}>
            <Fact name={t('join.name')} value={business.name} />
            <Fact name={t('join.address')} value={business.address ?? '—'} />
            <Fact name={t('join.commune')} value={townOf(business)} />
            <Fact name={t('join.trade')} value={nameIn(lang, business.trade)} />
            <Fact name="SIRET" value={business.siret === null ? '—' : readableSiret(business.siret)} />
            {correction !== null && (
              <Fact
                name={t(`portal.data.correction.${correction.state}`)}
                value={sayCorrection(lang, correction)}
              />
            )}
            {correction?.reason != null && (
              <Fact name={t('portal.data.correction.reason')} value={correction.reason} />
            )}
            <Fact name={t('portal.data.since')} value={dayOf(lang, business.memberSince)} />
          </dl>
          {may('own.change') && (
            <div>
              <Button variant="light" onClick={() => setEditing(true)}>
                {t('portal.data.correct')}
              </Button>
            </div>
          )}
        </>
      )}
      <p className={classes.hint}>{t('portal.data.days')}</p>
      <p className={classes.hint}>{t('portal.data.chamber', { chamber })}</p>
    </section>
  )
}

/** Returns the values that the shop asked for, in one line. */
function sayCorrection(
  lang: Lang,
  { name, siret, trade, commune, address, postalCode }: NonNullable<OwnShopView['business']['correction']>,
): string {
  const town = commune === null ? null : [postalCode, commune.name].filter(Boolean).join(' ')
  const place = [commune === null ? null : address, town].filter(Boolean).join(', ')
  return [name, place, trade && nameIn(lang, trade), siret && `SIRET ${readableSiret(siret)}`]
    .filter(Boolean)
    .join(' · ')
}

/** Returns the commune with the postal code; a commune with one lends it to a shop without one. */
function townOf({ postalCode, commune }: OwnShopView['business']): string {
  const only = commune.postalCodes.length === 1 ? commune.postalCodes[0] : undefined
  return [postalCode ?? only, commune.name].filter(Boolean).join(' ')
}

function Fact(props: { name: string; value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  )
}

/** Lets the shop leave the scheme: explained, confirmed, and done at once. */
function Leave(props: { own: OwnShopView }) {
  const { t } = useText()
  const { shop } = useShop()
  const client = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [confirmed, setConfirmed] = useState(false)
  const leave = useAction(() => callApi('leaveScheme', { params: paramsOfShop(shop), body: { confirmed } }), {
    fields: ['confirmed'],
    session: 'portal',
    success: t('portal.leave.done', { name: props.own.business.name }),
    refresh: [portalSessionQuery.queryKey],
    onSuccess: () => client.setQueryData(leftQuery.queryKey, props.own.business.name),
  })
  return (
    <section className={classes.card} aria-labelledby="quitter">
      <h2 id="quitter">{t('portal.leave')}</h2>
      <p className={classes.hint}>{t('portal.leave.what', { people: props.own.people.length })}</p>
      {isOpen ? (
        <StepForm
          step={leave}
          next={t('portal.leave.confirm')}
          back={{ label: t('portal.cancel'), go: () => setOpen(false) }}
        >
          <Checkbox
            size="md"
            label={t('portal.leave.read', { name: props.own.business.name })}
            checked={confirmed}
            onChange={(event) => setConfirmed(event.currentTarget.checked)}
            error={leave.problemAt('confirmed')}
          />
        </StepForm>
      ) : (
        <div>
          <Button variant="subtle" color="red" onClick={() => setOpen(true)}>
            {t('portal.leave.begin')}
          </Button>
        </div>
      )}
    </section>
  )
}
