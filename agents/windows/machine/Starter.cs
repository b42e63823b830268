using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace Terrarium
{
    /// <summary>What is done from outside of the job: starting the supervisor, and asking for the job's end.</summary>
    internal static class Starter
    {
        /// <summary>What `start` returns where it cannot leave the job object it is in: somebody else must start the supervisor.</summary>
        public const int CannotDetach = 3;
        private const int PatienceMilliseconds = 60000;

        /// <summary>Starts the supervisor once, and returns when it is there: 0, or `CannotDetach`.</summary>
        public static int Start(string folder)
        {
            Spool.Create(folder);
            using (Lock(folder))
            {
                if (File.Exists(SupervisorFile(folder))) return 0;
                IntPtr process;
                if (!ChildProcess.Detach(Self.Words()[0], Self.Line("run", folder), out process))
                {
                    // Who else starts it gives it variables of his own.
                    File.WriteAllText(EnvironmentFile(folder), EnvironmentBlock.OfThisProcess().Save(), new UTF8Encoding(false));
                    return CannotDetach;
                }
                return Await(folder, process);
            }
        }

        /// <summary>Waits until a supervisor that somebody else has started is there.</summary>
        public static int Started(string folder)
        {
            return Await(folder, IntPtr.Zero);
        }

        /// <summary>Asks for the end of the job; where the supervisor is gone, writes the end itself: its processes went with it.</summary>
        public static int Cancel(string folder)
        {
            string supervisor = SupervisorFile(folder);
            if (!File.Exists(supervisor) || Supervisor.HasEnded(folder)) return 0;
            File.WriteAllText(Supervisor.CanceledFile(folder), "");
            if (IsOpenElsewhere(supervisor) || Supervisor.HasEnded(folder)) return 0;
            using (Spool spool = new Spool(folder, new Clock()))
            {
                spool.Event("end", "canceled", "canceled");
                Supervisor.NoteEnd(folder);
            }
            return 0;
        }

        /// <summary>The supervisor keeps it open, as long as it lives, so that nobody else can.</summary>
        public static string SupervisorFile(string folder)
        {
            return Path.Combine(folder, "agent", "supervisor");
        }

        /// <summary>The variables of the machine for the job, where the supervisor's own are others.</summary>
        public static string EnvironmentFile(string folder)
        {
            return Path.Combine(folder, "agent", "environment");
        }

        private static int Await(string folder, IntPtr process)
        {
            for (int waited = 0; waited < PatienceMilliseconds; waited += 20)
            {
                if (File.Exists(SupervisorFile(folder))) return 0;
                if (process == IntPtr.Zero) Thread.Sleep(20);
                else if (ChildProcess.HasEnded(process, 20) && !File.Exists(SupervisorFile(folder)))
                    throw new InvalidOperationException("The agent ended as soon as it was started: see agent\\crash in the job's folder.");
            }
            throw new TimeoutException(string.Format(CultureInfo.InvariantCulture, "The agent did not start within {0} seconds.", PatienceMilliseconds / 1000));
        }

        /// <summary>Of two starts at once one waits until the other is through; the lock goes with its process.</summary>
        private static FileStream Lock(string folder)
        {
            string path = Path.Combine(folder, "agent", "starting");
            for (int waited = 0; ; waited += 20)
            {
                try
                {
                    return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException)
                {
                    if (waited >= PatienceMilliseconds) throw;
                    Thread.Sleep(20);
                }
            }
        }

        private static bool IsOpenElsewhere(string path)
        {
            try
            {
                new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                return false;
            }
            catch (FileNotFoundException)
            {
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        }
    }
}
