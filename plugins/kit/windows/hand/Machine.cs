using System;
using System.Runtime.InteropServices;
using System.Threading;

/// <summary>A job object that everything of one machine is in, and one in it for each command.</summary>
sealed class Machine
{
    const uint BreakawayOk = 0x800;
    const int ExtendedLimits = 9, Accounting = 1;
    readonly IntPtr job;

    Machine(IntPtr job) { this.job = job; }

    /// <summary>That of a machine, by name: the same for all who ask while anybody has a handle to it. Nothing leaves it.</summary>
    internal static Machine Of(string name) { return new Machine(Native.Checked(Native.CreateJobObjectW(IntPtr.Zero, "terrarium-" + name))); }

    /// <summary>That of a command. What says that it wants to be on its own leaves it, and stays in its machine's.</summary>
    internal static Machine OfCommand()
    {
        var made = new Machine(Native.Checked(Native.CreateJobObjectW(IntPtr.Zero, null)));
        var limits = new Native.ExtendedLimits();
        limits.Basic.LimitFlags = BreakawayOk;
        Native.Checked(Native.SetInformationJobObject(made.job, ExtendedLimits, ref limits, (uint)Marshal.SizeOf(typeof(Native.ExtendedLimits))));
        return made;
    }

    internal void Take(IntPtr process) { Native.Checked(Native.AssignProcessToJobObject(job, process)); }

    /// <summary>Ends all that is in it, also what is started meanwhile. False if something is left after ten seconds.</summary>
    internal bool End()
    {
        for (int round = 0; round < 400; round++)
        {
            Native.Checked(Native.TerminateJobObject(job, 137));
            var counts = new Native.Counts();
            Native.Checked(Native.QueryInformationJobObject(job, Accounting, ref counts, (uint)Marshal.SizeOf(typeof(Native.Counts)), IntPtr.Zero));
            if (counts.ActiveProcesses == 0) return true;
            Thread.Sleep(25);
        }
        return false;
    }

    /// <summary>
    /// A name lives as long as a handle does, whatever is in the job: a process that waits for ever keeps it. It is in the machine itself, so it ends with it.
    /// </summary>
    internal static int Hold(string name)
    {
        Machine held = Of(name);
        Hand.Say("held");
        Thread.Sleep(Timeout.Infinite);
        GC.KeepAlive(held);
        return 0;
    }
}
