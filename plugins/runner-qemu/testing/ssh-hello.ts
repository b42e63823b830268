import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** What an SSH server says before anybody has proved who he is. */
export interface SshHello {
  /** 16 random bytes of its first packet. */
  readonly cookie: Buffer;
  /** Its half of the key exchange, made for this connection alone. */
  readonly ephemeralKey: Buffer;
  readonly hostKey: Buffer;
}

const KEXINIT = 20;
const ECDH_INIT = 30;
const ECDH_REPLY = 31;
const KEX = 'curve25519-sha256';
/** What we offer in each of the ten lists of RFC 4253, 7.1; the last two are languages. */
const OFFER = [KEX, 'ssh-ed25519', 'aes128-ctr', 'aes128-ctr', 'hmac-sha2-256', 'hmac-sha2-256', 'none', 'none', '', ''];

/** Begins a key exchange with the server at a Unix socket (RFC 4253 and RFC 8731), and goes once it has answered. Nothing is encrypted yet. */
export async function sshHello(path: string): Promise<SshHello> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    const bytes = new Bytes(socket[Symbol.asyncIterator]());
    socket.write('SSH-2.0-test\r\n');
    while ((await bytes.take(1))[0] !== 10);
    socket.write(packet(Buffer.concat([Buffer.of(KEXINIT), randomBytes(16), ...OFFER.map(text), Buffer.alloc(5)])));
    const first = await nextPacket(bytes, KEXINIT);
    // Any 32 bytes are a public key.
    socket.write(packet(Buffer.concat([Buffer.of(ECDH_INIT), text(randomBytes(32))])));
    const reply = await nextPacket(bytes, ECDH_REPLY);
    const hostKey = stringAt(reply, 1);
    return { cookie: first.subarray(1, 17), hostKey, ephemeralKey: stringAt(reply, 5 + hostKey.length) };
  } finally {
    socket.destroy();
  }
}

class Bytes {
  #unread = Buffer.alloc(0);

  constructor(private readonly chunks: AsyncIterator<unknown>) {}

  async take(count: number): Promise<Buffer> {
    while (this.#unread.length < count) {
      const { done, value } = await this.chunks.next();
      if (done === true || !(value instanceof Buffer)) throw new Error('The SSH server has gone.');
      this.#unread = Buffer.concat([this.#unread, value]);
    }
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }
}

async function nextPacket(bytes: Bytes, type: number): Promise<Buffer> {
  const length = (await bytes.take(4)).readUInt32BE();
  const whole = await bytes.take(length);
  const payload = whole.subarray(1, length - whole.readUInt8(0));
  if (payload[0] !== type) throw new Error(`The SSH server sent a packet of type ${payload[0]}, not ${type}.`);
  return payload;
}

/** Padded to blocks of 8 bytes. */
function packet(payload: Buffer): Buffer {
  const padding = 8 + ((8 - ((payload.length + 5) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

function text(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function stringAt(payload: Buffer, offset: number): Buffer {
  return payload.subarray(offset + 4, offset + 4 + payload.readUInt32BE(offset));
}
