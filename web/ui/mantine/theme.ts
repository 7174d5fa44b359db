import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

// Ink-blue neutrals for everything. Amber and red mean severity or danger; green means delivered.
const ink: MantineColorsTuple = [
  '#eef3fa',
  '#dfe9f6',
  '#b9cfec',
  '#86b4f3',
  '#5b93de',
  '#3f78c4',
  '#2c63ab',
  '#1f4e8c',
  '#183f73',
  '#112f58',
]
const amber: MantineColorsTuple = [
  '#fdf3e3',
  '#f9e0bb',
  '#f5c988',
  '#f0b35a',
  '#e29a35',
  '#c47a18',
  '#9c5206',
  '#854605',
  '#6b3804',
  '#4f2903',
]
const red: MantineColorsTuple = [
  '#fdebe9',
  '#f8cfcb',
  '#f3aea8',
  '#ff9a91',
  '#e9655b',
  '#d4453b',
  '#b3261e',
  '#991f18',
  '#7c1913',
  '#5f130e',
]
const green: MantineColorsTuple = [
  '#e5f5ec',
  '#c4e8d3',
  '#9bdab6',
  '#6fd39b',
  '#41b577',
  '#26985c',
  '#177143',
  '#136039',
  '#0f4c2d',
  '#0a3720',
]
const gray: MantineColorsTuple = [
  '#f8fafc',
  '#f3f6f9',
  '#e8edf2',
  '#dae1e9',
  '#c3cdd8',
  '#8a98a9',
  '#6c7c90',
  '#526276',
  '#33435a',
  '#0e1b2c',
]
const dark: MantineColorsTuple = [
  '#e8eef6',
  '#c6d1de',
  '#a0b0c3',
  '#64768e',
  '#2b3d55',
  '#1d2b3f',
  '#141f2e',
  '#0d1622',
  '#0a111b',
  '#070c14',
]

/** Filled surfaces are pale in the dark scheme, so their text colour depends on the scheme, not on the shade. */
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  if (input.variant === 'filled') return { ...colors, color: 'var(--accent-ink)' }
  // Soft in both colour schemes: the colour mixed by the library would be darker than the page at night.
  const soft =
    input.color === 'red' ? 'red' : input.color === undefined || input.color === 'ink' ? 'accent' : undefined
  return input.variant === 'light' && soft !== undefined
    ? { ...colors, background: `var(--${soft}-soft)`, hover: `var(--${soft}-soft)`, color: `var(--${soft})` }
    : colors
}

const dialogStyles = {
  content: { background: 'var(--card)' },
  header: { background: 'var(--card)' },
  title: { fontSize: '1.125rem', fontWeight: 680, lineHeight: 1.3, letterSpacing: '-0.01em' },
}

export const theme = createTheme({
  colors: { ink, amber, red, green, gray, dark },
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 3 },
  variantColorResolver: variantColors,
  black: '#0e1b2c',
  fontFamily: "'Inter Variable', 'Inter', system-ui, 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', 'DejaVu Sans Mono', monospace",
  headings: { fontFamily: "'Inter Variable', 'Inter', system-ui, sans-serif", fontWeight: '650' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '20px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    // The header of a dialog is not the banner landmark of the page.
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        attributes: { header: { role: 'presentation' } },
      },
      styles: dialogStyles,
    },
    Drawer: {
      defaultProps: { attributes: { header: { role: 'presentation' } } },
      styles: dialogStyles,
    },
    SegmentedControl: {
      styles: {
        root: { background: 'var(--card)', border: '1px solid var(--line)' },
        indicator: { background: 'var(--accent-soft)', boxShadow: 'none' },
      },
    },
    // Dropdowns belong to the main landmark, for users who navigate by landmarks.
    Popover: { defaultProps: { portalProps: { target: '#contenu' } } },
    InputWrapper: {
      styles: {
        label: {
          display: 'block',
          width: 'fit-content',
          marginBottom: 6,
          fontSize: 'var(--label-size, 0.8125rem)',
          fontWeight: 600,
          lineHeight: 1.45,
        },
      },
    },
    // Screen readers announce a problem when it appears at its field, wherever the focus is.
    InputError: { defaultProps: { role: 'alert' } },
    Loader: { defaultProps: { size: 'sm' } },
  },
})

export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f3f6f9',
    '--mantine-color-dimmed': '#526276',
    '--mantine-color-placeholder': '#66768a',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-default-border': '#dae1e9',
    '--mantine-color-anchor': '#1f4e8c',
  },
  dark: {
    '--mantine-color-body': '#0d1622',
    '--mantine-color-text': '#e8eef6',
    '--mantine-color-dimmed': '#a0b0c3',
    '--mantine-color-placeholder': '#8496ad',
    '--mantine-color-error': '#ff9a91',
    '--mantine-color-default-border': '#2b3d55',
    '--mantine-color-anchor': '#86b4f3',
  },
})
