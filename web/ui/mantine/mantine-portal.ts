// Styles of the components of the portal beyond those of every page, in the order required by the library.
import './mantine-room.ts'
import '@mantine/core/styles/Stack.layer.css'
import '@mantine/core/styles/Radio.layer.css'
