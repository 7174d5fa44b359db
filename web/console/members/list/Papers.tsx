import { Button, Menu } from '@mantine/core'
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown'
import { Link } from '@tanstack/react-router'
import type { ComponentPropsWithoutRef } from 'react'
import type { MemberFilter } from '../../../../src/members/contract.ts'
import { urlOf } from '../../../api/client.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'

/** Actions on the whole list: past changes, duplicates, exports and the sticker; all but adding in a menu on a phone. */
export function Papers(props: {
  filter: MemberFilter
  hasRows: boolean
  isPhone: boolean
  onChanges: () => void
  onAdd: () => void
}) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const mayChange = may('member.change')
  const exports = may('member.export') && props.hasRows ? (['xlsx', 'csv'] as const) : []
  // A role with the sticker alone has nothing to fold.
  const isMenu = props.isPhone && (mayChange || may('member.merge') || exports.length > 0)
  const papers = (
    <>
      {may('member.merge') &&
        (isMenu ? (
          <Menu.Item component={Link} to="/adherents/doublons">
            {t('doubles.link')}
          </Menu.Item>
        ) : (
          <Link className={classes.paper} to="/adherents/doublons">
            {t('doubles.link')}
          </Link>
        ))}
      {exports.map((format) => (
        <Paper
          key={format}
          isMenu={isMenu}
          href={urlOf(format === 'xlsx' ? 'exportMembersXlsx' : 'exportMembersCsv', {
            params: { scheme: scheme.id },
            query: props.filter,
          })}
          download
        >
          {t('members.export', { format: format.toUpperCase() })}
        </Paper>
      ))}
      <Paper
        isMenu={isMenu}
        href={urlOf('getSticker', { params: { scheme: scheme.id } })}
        target="_blank"
        rel="noreferrer"
      >
        {t('members.sticker')}
      </Paper>
    </>
  )
  return (
    <div className={classes.aside}>
      {mayChange && <Button onClick={props.onAdd}>{t('memberForm.new')}</Button>}
      {isMenu ? (
        <Menu
          position="bottom-end"
          width={280}
          transitionProps={{ duration: 0 }}
          classNames={{ item: classes.menuItem ?? '' }}
        >
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
              {t('nav.more')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {mayChange && <Menu.Item onClick={props.onChanges}>{t('changes.title')}</Menu.Item>}
            {papers}
          </Menu.Dropdown>
        </Menu>
      ) : (
        <>
          {mayChange && (
            <Button variant="default" onClick={props.onChanges}>
              {t('changes.title')}
            </Button>
          )}
          {papers}
        </>
      )}
    </div>
  )
}

function Paper({ isMenu, ...anchor }: { isMenu: boolean } & Omit<ComponentPropsWithoutRef<'a'>, 'color'>) {
  return isMenu ? <Menu.Item component="a" {...anchor} /> : <a className={classes.paper} {...anchor} />
}
