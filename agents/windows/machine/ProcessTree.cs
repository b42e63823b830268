using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Terrarium
{
    /// <summary>
    /// All processes of a job: a job object, out of which none of them can step. Whatever ends this process closes its only handle and so ends them all; the
    /// handle is never inherited.
    /// </summary>
    internal sealed class ProcessTree
    {
        private const int ExtendedLimitInformation = 9;
        private const int BasicAccountingInformation = 1;
        private const uint KillOnClose = 0x2000;
        private readonly IntPtr job;

        public ProcessTree()
        {
            job = Native.CreateJobObjectW(IntPtr.Zero, null);
            Native.Check(job != IntPtr.Zero, "CreateJobObject");
            Native.ExtendedLimits limits = new Native.ExtendedLimits();
            limits.Basic.Flags = KillOnClose;
            Native.Check(Native.SetInformationJobObject(job, ExtendedLimitInformation, ref limits, Marshal.SizeOf(limits)), "SetInformationJobObject");
        }

        /// <summary>Takes a process in that has not run yet; all that it starts belongs to it, too.</summary>
        public void Add(IntPtr process)
        {
            Native.Check(Native.AssignProcessToJobObject(job, process), "AssignProcessToJobObject");
        }

        /// <summary>Ends all processes. They are gone soon after.</summary>
        public void Kill()
        {
            Native.Check(Native.TerminateJobObject(job, 1), "TerminateJobObject");
        }

        /// <summary>Ends all processes and waits until none is left, as long as that may take a machine under load. False: some will not go.</summary>
        public bool KillAndWait(TimeSpan patience)
        {
            DateTime until = DateTime.UtcNow + patience;
            do
            {
                Kill();
                if (Count() == 0) return true;
                Thread.Sleep(10);
            }
            while (DateTime.UtcNow < until);
            return false;
        }

        private uint Count()
        {
            Native.Accounting accounting;
            bool succeeded = Native.QueryInformationJobObject(job, BasicAccountingInformation, out accounting, Marshal.SizeOf(typeof(Native.Accounting)), IntPtr.Zero);
            Native.Check(succeeded, "QueryInformationJobObject");
            return accounting.ActiveProcesses;
        }
    }
}
