/** The settings of `warren agent`: their shape, their limits and their defaults. */
import { z } from 'zod';
import { ENCODINGS } from '../../agents/lines/encoding.js';
import { FieldTemplate } from '../../agents/lines/field-template.js';
import { LINE_FORMATS } from '../../agents/lines/line-format.js';
import { MULTILINE_PRESETS } from '../../agents/lines/multiline.js';
import { TimeZone } from '../../agents/time-zone.js';
import { oneOf, wholeNumber, yesOrNo } from './value-types.js';

const pattern = z
  .string('must be a regular expression')
  .min(1, 'must be a regular expression')
  .refine(isPattern, 'must be a regular expression as JavaScript reads it')
  .optional();

const template = z
  .string('must be a template')
  .refine(isTemplate, 'must hold fields in double braces, such as {{ path.3 }}')
  .optional();

/** The section `agent` of warren.yaml. */
export const agentSchema = z.strictObject({
  lineBytesMax: wholeNumber(1, 104_857_600).default(262_144),
  encoding: oneOf(ENCODINGS).default('utf-8'),
  format: oneOf(LINE_FORMATS).default('auto'),
  pattern,
  timeZone: z
    .string('must be a zone')
    .refine(isTimeZone, 'must be a zone such as Europe/Berlin, UTC or +01:00')
    .optional(),
  container: oneOf(['path', 'auto', 'docker', 'cri', 'none']).default('path'),
  serviceFrom: template,
  levelFrom: template,
  multiline: z.strictObject({
    preset: oneOf(MULTILINE_PRESETS).default('auto'),
    pattern,
    negate: yesOrNo(false),
    match: oneOf(['after', 'before']).default('after'),
    linesMax: wholeNumber(1, 1_000_000).default(500),
    bytesMax: wholeNumber(1, 104_857_600).default(262_144),
    timeoutMs: wholeNumber(1, 3_600_000).default(300),
  }),
});

function isTemplate(text: string): boolean {
  try {
    return new FieldTemplate(text) instanceof FieldTemplate;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new TimeZone(name) instanceof TimeZone;
  } catch {
    return false;
  }
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
