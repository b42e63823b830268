using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Terrarium
{
    /// <summary>
    /// The two files of the spool protocol (see agents/api). While they are open here nobody else can write to them or remove them; reading is free.
    /// </summary>
    internal sealed class Spool : IDisposable
    {
        private readonly object gate = new object();
        private readonly Clock clock;
        private readonly FileStream events;
        private readonly FileStream output;
        private bool ended;

        public Spool(string folder, Clock clock)
        {
            this.clock = clock;
            events = Open(Path.Combine(folder, "agent", "events"));
            output = Open(Path.Combine(folder, "agent", "output"));
            Size = output.Length;
            Changed = clock.Now;
        }

        /// <summary>Bytes of output so far.</summary>
        public long Size { get; private set; }

        /// <summary>When the output grew last.</summary>
        public long Changed { get; private set; }

        /// <summary>Both files, empty where they are not there yet.</summary>
        public static void Create(string folder)
        {
            foreach (string name in new[] { "output", "events" })
                new FileStream(Path.Combine(folder, "agent", name), FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite).Dispose();
        }

        /// <summary>Appends an event about the output as it is now. After `end` nothing is.</summary>
        public void Event(string type, params object[] words)
        {
            lock (gate)
            {
                if (ended) return;
                ended = type == "end";
                long now = clock.Now;
                StringBuilder line = new StringBuilder(type);
                line.AppendFormat(CultureInfo.InvariantCulture, " {0}.{1:000} {2}", now / 1000, now % 1000, Size);
                foreach (object word in words) line.Append(' ').Append(word);
                byte[] bytes = Encoding.ASCII.GetBytes(line.Append('\n').ToString());
                events.Write(bytes, 0, bytes.Length);
                events.Flush();
            }
        }

        /// <summary>Appends to the output. After `end` nothing is.</summary>
        public void Write(byte[] bytes, int from, int count)
        {
            lock (gate)
            {
                if (ended || count <= 0) return;
                output.Write(bytes, from, count);
                output.Flush();
                Size += count;
                Changed = clock.Now;
            }
        }

        /// <summary>A text of ours in the output.</summary>
        public void Write(string text)
        {
            byte[] bytes = new UTF8Encoding(false).GetBytes(text);
            Write(bytes, 0, bytes.Length);
        }

        /// <summary>A line of ours for what the log would not show otherwise.</summary>
        public void Say(string text)
        {
            Write("\n[terrarium] " + text + "\n");
        }

        public void Dispose()
        {
            events.Dispose();
            output.Dispose();
        }

        private static FileStream Open(string path)
        {
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        }
    }
}
