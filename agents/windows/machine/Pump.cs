using System;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace Terrarium
{
    /// <summary>
    /// Brings all that the job writes from one pipe into the output, byte for byte, up to the limit; what comes after that is thrown away. To say where a step's
    /// output ends, a mark that nobody can guess is put into the pipe behind it, and taken out of it again here: what was written before has then arrived.
    /// </summary>
    internal sealed class Pump
    {
        private const int PipeBytes = 65536;
        private readonly object gate = new object();
        private readonly ManualResetEvent marked = new ManualResetEvent(false);
        private readonly Spool spool;
        private readonly long limit;
        private readonly FileStream reader;
        private readonly FileStream writer;
        private byte[] mark;
        private byte[] held = new byte[0];

        public Pump(Spool spool, long limit)
        {
            this.spool = spool;
            this.limit = limit;
            SafeFileHandle read, write;
            Native.Check(Native.CreatePipe(out read, out write, IntPtr.Zero, PipeBytes), "CreatePipe");
            reader = new FileStream(read, FileAccess.Read, 1);
            writer = new FileStream(write, FileAccess.Write, 1);
            Input = write;
            Thread thread = new Thread(Loop);
            thread.IsBackground = true;
            thread.Start();
        }

        /// <summary>Where the job's processes write to.</summary>
        public SafeFileHandle Input { get; private set; }

        /// <summary>What the pump failed with: it cannot write, the disk is full perhaps. Null: all is well.</summary>
        public Exception Failure { get; private set; }

        public bool LimitReached { get { return spool.Size >= limit; } }

        /// <summary>Waits until all is written that was put into the pipe before this call.</summary>
        public void Drain()
        {
            byte[] bytes = new byte[24];
            using (RandomNumberGenerator random = RandomNumberGenerator.Create()) random.GetBytes(bytes);
            lock (gate)
            {
                marked.Reset();
                mark = bytes;
            }
            if (Failure == null)
            {
                writer.Write(bytes, 0, bytes.Length);
                writer.Flush();
                marked.WaitOne();
            }
            if (Failure != null) throw new IOException("The output cannot be written: " + Failure.Message, Failure);
        }

        private void Loop()
        {
            byte[] buffer = new byte[PipeBytes];
            try
            {
                for (;;)
                {
                    int count = reader.Read(buffer, 0, buffer.Length);
                    if (count > 0) lock (gate) Take(buffer, count);
                }
            }
            catch (Exception error)
            {
                Failure = error;
                marked.Set();
            }
        }

        private void Take(byte[] bytes, int count)
        {
            if (mark == null)
            {
                Write(bytes, 0, count);
                return;
            }
            byte[] all = new byte[held.Length + count];
            Array.Copy(held, all, held.Length);
            Array.Copy(bytes, 0, all, held.Length, count);
            int at = Find(all, mark);
            // What may be the beginning of the mark stays back until the rest of it is there.
            bool whole = at + mark.Length <= all.Length;
            Write(all, 0, at);
            held = whole ? new byte[0] : Tail(all, at);
            if (!whole) return;
            int rest = at + mark.Length;
            mark = null;
            marked.Set();
            Write(all, rest, all.Length - rest);
        }

        private void Write(byte[] bytes, int from, int count)
        {
            spool.Write(bytes, from, (int)Math.Min(count, Math.Max(0, limit - spool.Size)));
        }

        private static byte[] Tail(byte[] bytes, int from)
        {
            byte[] tail = new byte[bytes.Length - from];
            Array.Copy(bytes, from, tail, 0, tail.Length);
            return tail;
        }

        /// <summary>Where the mark begins, whole or cut off by the end; the length of `all` if it is not there.</summary>
        private static int Find(byte[] all, byte[] mark)
        {
            for (int at = Array.IndexOf(all, mark[0]); at >= 0; at = Array.IndexOf(all, mark[0], at + 1))
            {
                int same = 0;
                while (same < mark.Length && at + same < all.Length && all[at + same] == mark[same]) same++;
                if (same == mark.Length || at + same == all.Length) return at;
            }
            return all.Length;
        }
    }
}
