using System.IO;
using System.Threading;

namespace Terrarium
{
    /// <summary>Looks twice a second: at the limits, and for whoever wants the job canceled. Says that the agent is alive.</summary>
    internal sealed class Watchdog
    {
        private const int LookMilliseconds = 500;
        private const int BeatMilliseconds = 8000;
        private readonly JobDescription job;
        private readonly Spool spool;
        private readonly Pump pump;
        private readonly ProcessTree tree;
        private readonly Clock clock;
        private readonly long started;
        private readonly ManualResetEvent over = new ManualResetEvent(false);
        private readonly Thread thread;
        private long beaten;
        private volatile string reason;

        public Watchdog(JobDescription job, Spool spool, Pump pump, ProcessTree tree, Clock clock)
        {
            this.job = job;
            this.spool = spool;
            this.pump = pump;
            this.tree = tree;
            this.clock = clock;
            started = beaten = clock.Now;
            thread = new Thread(Watch);
            thread.IsBackground = true;
        }

        /// <summary>Why the job is being stopped, in the protocol's words; null as long as it is not.</summary>
        public string Reason { get { return reason; } }

        public void Start()
        {
            thread.Start();
        }

        /// <summary>Looks a last time: a job that ended by itself just when it was told to counts as told to.</summary>
        public void Stop()
        {
            over.Set();
            if (thread.IsAlive) thread.Join();
            Look();
        }

        private void Watch()
        {
            try
            {
                while (!over.WaitOne(LookMilliseconds))
                {
                    Look();
                    // Again each time: a command may just have been started.
                    if (reason != null) tree.Kill();
                }
            }
            catch (System.Exception error)
            {
                // Without its watchdog a job has no limits.
                spool.Say("The agent's watchdog failed: " + error.Message);
                reason = "lost";
                tree.Kill();
            }
        }

        private void Look()
        {
            long now = clock.Now;
            if (reason == null) reason = WhyStop(now);
            if (now - beaten < BeatMilliseconds) return;
            beaten = now;
            spool.Event("beat");
        }

        private string WhyStop(long now)
        {
            if (File.Exists(Supervisor.CanceledFile(job.Folder))) return "canceled";
            if (pump.Failure != null) return "lost";
            if (pump.LimitReached) return "output-limit";
            if (now - started >= job.TimeSeconds * 1000) return "time-limit";
            return now - spool.Changed >= job.SilenceSeconds * 1000 ? "silence-limit" : null;
        }
    }
}
