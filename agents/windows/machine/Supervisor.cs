using System;
using System.IO;
using System.Text;
using System.Diagnostics;

namespace Terrarium
{
    /// <summary>`run FOLDER`: runs the job, holds it to its limits, cleans up, decides, and writes the end.</summary>
    internal sealed class Supervisor
    {
        private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(20);
        private readonly JobDescription job;
        private readonly Spool spool;
        private readonly ProcessTree tree = new ProcessTree();
        private readonly Course course = new Course();
        private readonly Pump pump;
        private readonly Watchdog watchdog;
        private Exception crash;

        private Supervisor(JobDescription job, Spool spool, Clock clock)
        {
            this.job = job;
            this.spool = spool;
            pump = new Pump(spool, job.OutputBytes);
            watchdog = new Watchdog(job, spool, pump, tree, clock);
        }

        /// <summary>Runs the job of a folder to its end, unless somebody else does. What there is to say is in the spool.</summary>
        public static int Run(string folder)
        {
            using (FileStream mark = Claim(folder))
            {
                if (mark == null) return 0;
                Clock clock = new Clock();
                using (Spool spool = new Spool(folder, clock))
                {
                    try
                    {
                        JobConsole.Prepare();
                        JobDescription job = new JobDescription(folder);
                        spool.Event("start", job.Version);
                        new Supervisor(job, spool, clock).Run();
                    }
                    catch (Exception error)
                    {
                        // Where nobody would see it otherwise: the job's log, and its verdict.
                        spool.Say("The agent failed: " + error);
                        spool.Event("end", "errored", "lost");
                        throw;
                    }
                    finally
                    {
                        NoteEnd(folder);
                    }
                }
            }
            return 0;
        }

        public static string CanceledFile(string folder)
        {
            return Path.Combine(folder, "agent", "canceled");
        }

        public static bool HasEnded(string folder)
        {
            return File.Exists(Path.Combine(folder, "agent", "ended"));
        }

        public static void NoteEnd(string folder)
        {
            File.WriteAllText(Path.Combine(folder, "agent", "ended"), "");
        }

        private void Run()
        {
            StepRunner steps = new StepRunner(job, spool, pump, tree, course);
            try
            {
                watchdog.Start();
                RunSteps(steps);
            }
            catch (Exception error)
            {
                crash = error;
            }
            watchdog.Stop();
            End(steps);
        }

        private void RunSteps(StepRunner steps)
        {
            if (!steps.Prepare()) return;
            foreach (Instruction one in job.Instructions)
            {
                if (watchdog.Reason != null || course.Over) return;
                steps.Do(one);
            }
        }

        private void End(StepRunner steps)
        {
            if (!tree.KillAndWait(KillPatience)) spool.Say("Some processes of the job could not be ended.");
            if (pump.Failure == null) pump.Drain();
            string verdict, reason;
            Decide(out verdict, out reason);
            steps.CloseOpenStep();
            Explain(reason);
            spool.Event("end", verdict, reason);
        }

        private void Decide(out string verdict, out string reason)
        {
            verdict = "errored";
            if (watchdog.Reason == "canceled") verdict = reason = "canceled";
            else if (watchdog.Reason != null) reason = watchdog.Reason;
            else if (crash != null) reason = "lost";
            else if (course.Verdict == "errored") reason = "setup";
            else
            {
                verdict = course.Verdict;
                reason = "exit";
            }
        }

        private void Explain(string reason)
        {
            switch (reason)
            {
                case "time-limit": spool.Say("The job was stopped: it ran for longer than its limit of " + job.TimeSeconds + " seconds."); break;
                case "silence-limit": spool.Say("The job was stopped: it wrote nothing for its limit of " + job.SilenceSeconds + " seconds."); break;
                case "output-limit": spool.Say("The job was stopped: its log reached the limit of " + job.OutputBytes + " bytes."); break;
                case "lost": spool.Say("The agent could not go on with the job: " + (crash == null ? "its watchdog failed." : crash.Message)); break;
            }
        }

        /// <summary>Open as long as this process lives, and nobody else can open it for writing: so a second one sees that it is one too many.</summary>
        private static FileStream Claim(string folder)
        {
            string path = Starter.SupervisorFile(folder);
            try
            {
                FileStream mark = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
                byte[] number = Encoding.ASCII.GetBytes(Process.GetCurrentProcess().Id + "\n");
                mark.Write(number, 0, number.Length);
                mark.Flush();
                return mark;
            }
            catch (IOException)
            {
                if (File.Exists(path)) return null;
                throw;
            }
        }
    }
}
