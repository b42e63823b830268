using System;

namespace Terrarium
{
    /// <summary>How a job stands: the rule in force, the verdict so far, whether the rest of a phase is left out. See `FailureRule` and `PhaseCondition`.</summary>
    internal sealed class Course
    {
        private string rule = "error";

        public Course()
        {
            Verdict = "passed";
        }

        /// <summary>`passed`, `failed` or `errored`.</summary>
        public string Verdict { get; private set; }

        /// <summary>What comes is left out.</summary>
        public bool Skips { get; private set; }

        /// <summary>Nothing comes any more.</summary>
        public bool Over { get; private set; }

        /// <summary>What follows is a phase's.</summary>
        public void Phase(string when, string failureRule)
        {
            rule = failureRule;
            Skips = (when == "passing" && Verdict == "failed") || (when == "failing" && Verdict == "passed");
        }

        /// <summary>A command of the phase ended, 0 to 255.</summary>
        public void Ended(int code)
        {
            if (code == 0 || rule == "ignore") return;
            Verdict = rule == "error" ? "errored" : "failed";
            Over = rule == "error";
            Skips = rule == "fail";
        }

        /// <summary>
        /// The exit code that the protocol has room for. Windows has 32 bits of it: 0xC0000005 for a crash, 9009 for a command that is not there, -1. None of these
        /// may become 0, or a number that says something else: whatever is too large is 255.
        /// </summary>
        public static int Fit(uint code)
        {
            return code > 255 ? 255 : (int)code;
        }
    }
}
