/** Where the settings of `warren agent` may come from. */
import type { Setting } from './setting.js';

/** The settings of the section `agent`, in the order in which `warren config` prints them. */
export const AGENT_SETTINGS: readonly Setting[] = [
  {
    path: ['agent', 'lineBytesMax'],
    variables: ['WARREN_AGENT_LINE_BYTES_MAX'],
    flag: '--line-bytes-max',
    value: 'bytes',
    about: 'a longer line is cut there and marked',
  },
  {
    path: ['agent', 'encoding'],
    variables: ['WARREN_AGENT_ENCODING'],
    flag: '--encoding',
    value: 'encoding',
    about: 'what the bytes are: utf-8, utf-16, utf-16le, utf-16be, latin1; a byte order mark counts more',
  },
  {
    path: ['agent', 'format'],
    variables: ['WARREN_AGENT_FORMAT'],
    flag: '--format',
    value: 'format',
    about: 'what a line is: auto (JSON where it is an object, else text), text, json, logfmt, regex',
  },
  {
    path: ['agent', 'pattern'],
    variables: ['WARREN_AGENT_PATTERN'],
    flag: '--pattern',
    value: 'pattern',
    about: 'for the format regex: a regular expression whose named groups are fields',
  },
  {
    path: ['agent', 'timeZone'],
    variables: ['WARREN_AGENT_TIME_ZONE'],
    flag: '--time-zone',
    value: 'zone',
    about: 'the zone of times that name none, such as Europe/Berlin or +01:00',
  },
  {
    path: ['agent', 'container'],
    variables: ['WARREN_AGENT_CONTAINER'],
    flag: '--container',
    value: 'format',
    about:
      "how a container's runtime wraps lines: docker, cri, auto for both, path for files in their places, none",
  },
  {
    path: ['agent', 'serviceFrom'],
    variables: ['WARREN_AGENT_SERVICE_FROM'],
    flag: '--service-from',
    value: 'template',
    about: 'the service by fields or the path, such as {{ app }} or {{ path.3 }}; else that of --service',
  },
  {
    path: ['agent', 'levelFrom'],
    variables: ['WARREN_AGENT_LEVEL_FROM'],
    flag: '--level-from',
    value: 'template',
    about: 'the level by fields or the path, such as {{ severity_text }}; else the one that is found',
  },
  {
    path: ['agent', 'multiline', 'preset'],
    variables: ['WARREN_AGENT_MULTILINE'],
    flag: '--multiline',
    value: 'preset',
    about: 'the lines that make one record: stack traces of java, python, go, node; auto for all, none',
  },
  {
    path: ['agent', 'multiline', 'pattern'],
    variables: ['WARREN_AGENT_MULTILINE_PATTERN'],
    flag: '--multiline-pattern',
    value: 'pattern',
    about: 'a regular expression instead: lines that match belong to the line before them',
  },
  {
    path: ['agent', 'multiline', 'negate'],
    variables: ['WARREN_AGENT_MULTILINE_NEGATE'],
    flag: '--multiline-negate',
    value: 'true|false',
    about: 'the lines that do not match the pattern belong to another',
  },
  {
    path: ['agent', 'multiline', 'match'],
    variables: ['WARREN_AGENT_MULTILINE_MATCH'],
    flag: '--multiline-match',
    value: 'after|before',
    about: 'whether such lines belong to the line before them (after it), or to the one after',
  },
  {
    path: ['agent', 'multiline', 'linesMax'],
    variables: ['WARREN_AGENT_MULTILINE_LINES_MAX'],
    flag: '--multiline-lines-max',
    value: 'count',
    about: 'lines of one record at most; the rest is the next record',
  },
  {
    path: ['agent', 'multiline', 'bytesMax'],
    variables: ['WARREN_AGENT_MULTILINE_BYTES_MAX'],
    flag: '--multiline-bytes-max',
    value: 'bytes',
    about: 'bytes of one record at most; the rest is the next record',
  },
  {
    path: ['agent', 'multiline', 'timeoutMs'],
    variables: ['WARREN_AGENT_MULTILINE_TIMEOUT_MS'],
    flag: '--multiline-timeout-ms',
    value: 'milliseconds',
    about: 'how long a record waits for its next line',
  },
];
