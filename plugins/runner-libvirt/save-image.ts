import { PluginError } from '#plugins/api';

/**
 * What `virsh save` puts before QEMU's own stream: a header of 92 bytes, then `room` bytes for the domain's definition and a cookie of libvirt's, each
 * ended by a NUL. libvirt leaves some 64 KB of that room empty, and reads files of older releases for as long as they exist.
 *
 * A definition may be changed in place, but not its name: so `virsh save-image-define` cannot make two machines of one snapshot, and this can.
 */
export interface SaveImage {
  /** The fields of the header after the magic word and the version. */
  readonly header: Buffer;
  /** Bytes for definition and cookie together. */
  readonly room: number;
  readonly definition: string;
  readonly cookie: Buffer;
}

/** The file begins with it; a save that was not finished has another word. */
const MAGIC = 'LibvirtQemudSave';
/** The only version known here; a later one may be read otherwise. */
const VERSION = 2;
const HEADER_BYTES = 92;
/** After the magic word, each four bytes: version, room, whether it was running, compression, the cookie's offset from the definition. */
const FIELDS = { version: 16, room: 20, running: 24, compression: 28, cookie: 32 } as const;

/** How much of the beginning of a file is enough for `readSaveImage`. Bytes. */
export const SAVE_IMAGE_BEGINNING = 200_000;

/** Reads the beginning of a saved machine. Throws `unsupported` for what is none, or one of a kind that is not known here. */
export function readSaveImage(bytes: Buffer): SaveImage {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw strange('it does not begin like one');
  const version = bytes.readUInt32LE(FIELDS.version);
  if (version !== VERSION) throw strange(`its version is ${version}`);
  const [room, compression, cookie] = [FIELDS.room, FIELDS.compression, FIELDS.cookie].map((offset) => bytes.readUInt32LE(offset));
  if (room === undefined || bytes.length < HEADER_BYTES + room) throw strange('its definition is longer than expected');
  if (compression !== 0) throw strange('it is compressed: set save_image_format = "raw" in qemu.conf');
  if (cookie === undefined || cookie >= room) throw strange('its cookie is outside');
  const data = bytes.subarray(HEADER_BYTES, HEADER_BYTES + room);
  return {
    header: Buffer.from(bytes.subarray(0, HEADER_BYTES)),
    room,
    definition: textAt(data, 0).toString(),
    cookie: cookie === 0 ? Buffer.alloc(0) : Buffer.from(textAt(data, cookie)),
  };
}

/**
 * What to write over the beginning of a copy so that it is the saved state of the machine of `definition`. `unsupported` if that is too long.
 */
export function beginningFor(image: SaveImage, definition: string): Buffer {
  const text = Buffer.from(`${definition}\0`);
  const header = Buffer.from(image.header);
  header.writeUInt32LE(image.cookie.length === 0 ? 0 : text.length, FIELDS.cookie);
  const data = image.cookie.length === 0 ? text : Buffer.concat([text, image.cookie, Buffer.alloc(1)]);
  if (data.length > image.room) throw strange(`a definition of ${text.length} bytes does not fit into it`);
  return Buffer.concat([header, data]);
}

/** Up to a NUL. */
function textAt(data: Buffer, offset: number): Buffer {
  const end = data.indexOf(0, offset);
  if (end === -1) throw strange('a text in it has no end');
  return data.subarray(offset, end);
}

function strange(why: string): PluginError {
  return new PluginError('unsupported', `This libvirt's saved machine cannot be used as a template: ${why}.`);
}
