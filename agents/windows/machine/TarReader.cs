using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Terrarium
{
    /// <summary>An entry of a tar archive. `Kind`: `0` a file, `2` a symbolic link, `5` a folder. `Modified` in seconds since 1970.</summary>
    internal sealed class TarEntry
    {
        public char Kind;
        public string Name;
        public string Target;
        public long Size;
        public long Modified;
    }

    /// <summary>Reads a tar archive: ustar, with the pax and GNU headers for long names. Names are UTF-8.</summary>
    internal sealed class TarReader
    {
        private const int Block = 512;
        private readonly Stream stream;
        private long left;
        private long padding;

        public TarReader(Stream stream)
        {
            this.stream = stream;
        }

        /// <summary>The next entry; null at the end. What was not read of the one before is passed over.</summary>
        public TarEntry Next()
        {
            Dictionary<string, string> extended = new Dictionary<string, string>();
            for (;;)
            {
                Skip(left + padding);
                left = padding = 0;
                byte[] header = Read(Block);
                if (header[0] == 0) return null;
                char kind = header[156] == 0 ? '0' : (char)header[156];
                string size;
                bool isLink = kind == '2' || kind == '5';
                left = isLink ? 0 : extended.TryGetValue("size", out size) ? long.Parse(size, CultureInfo.InvariantCulture) : Octal(header, 124, 12);
                padding = (Block - left % Block) % Block;
                if (kind == 'x') Pax(ReadBody(), extended);
                else if (kind == 'L') extended["path"] = Text(ReadBody(), 0, int.MaxValue);
                else if (kind == 'K') extended["linkpath"] = Text(ReadBody(), 0, int.MaxValue);
                else if (kind != 'g') return Entry(kind, header, extended);
            }
        }

        /// <summary>Copies the content of the entry that `Next` gave.</summary>
        public void CopyTo(Stream target)
        {
            byte[] buffer = new byte[65536];
            while (left > 0)
            {
                int count = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
                if (count == 0) throw new InvalidDataException("the archive ends too early.");
                target.Write(buffer, 0, count);
                left -= count;
            }
        }

        private TarEntry Entry(char kind, byte[] header, Dictionary<string, string> extended)
        {
            string name, target, modified;
            if (!extended.TryGetValue("path", out name))
            {
                string prefix = Encoding.ASCII.GetString(header, 257, 6) == "ustar\0" ? Text(header, 345, 155) : "";
                name = (prefix.Length == 0 ? "" : prefix + "/") + Text(header, 0, 100);
            }
            if (!extended.TryGetValue("linkpath", out target)) target = Text(header, 157, 100);
            long seconds = extended.TryGetValue("mtime", out modified) ? long.Parse(modified.Split('.')[0], CultureInfo.InvariantCulture) : Octal(header, 136, 12);
            return new TarEntry { Kind = kind, Name = name, Target = target, Size = left, Modified = seconds };
        }

        /// <summary>`LENGTH KEY=VALUE` and a line feed, where LENGTH counts all of it.</summary>
        private static void Pax(byte[] body, Dictionary<string, string> extended)
        {
            for (int at = 0; at < body.Length;)
            {
                int space = Array.IndexOf(body, (byte)' ', at);
                int length = space < 0 ? 0 : int.Parse(Encoding.ASCII.GetString(body, at, space - at), CultureInfo.InvariantCulture);
                if (length <= space - at + 1 || at + length > body.Length) throw new InvalidDataException("the archive has a damaged header.");
                string record = Encoding.UTF8.GetString(body, space + 1, at + length - space - 2);
                int sign = record.IndexOf('=');
                if (sign > 0) extended[record.Substring(0, sign)] = record.Substring(sign + 1);
                at += length;
            }
        }

        private byte[] ReadBody()
        {
            if (left > 1048576) throw new InvalidDataException("the archive has a header of " + left + " bytes.");
            byte[] body = Read((int)left);
            left = 0;
            return body;
        }

        private byte[] Read(int count)
        {
            byte[] bytes = new byte[count];
            for (int at = 0; at < count;)
            {
                int read = stream.Read(bytes, at, count - at);
                if (read == 0) throw new InvalidDataException("the archive ends too early.");
                at += read;
            }
            return bytes;
        }

        private void Skip(long count)
        {
            if (count > 0) stream.Seek(count, SeekOrigin.Current);
        }

        private static string Text(byte[] bytes, int from, int length)
        {
            int end = Array.IndexOf(bytes, (byte)0, from, Math.Min(length, bytes.Length - from));
            return Encoding.UTF8.GetString(bytes, from, (end < 0 ? Math.Min(from + length, bytes.Length) : end) - from);
        }

        /// <summary>A number of octal digits, or (GNU) of bytes where the first has its highest bit set.</summary>
        private static long Octal(byte[] bytes, int from, int length)
        {
            long value = 0;
            if (bytes[from] >= 128)
            {
                for (int at = from + 1; at < from + length; at++) value = value * 256 + bytes[at];
                return value;
            }
            for (int at = from; at < from + length; at++) if (bytes[at] >= '0' && bytes[at] <= '7') value = value * 8 + (bytes[at] - '0');
            return value;
        }
    }
}
