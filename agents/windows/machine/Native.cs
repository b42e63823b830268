using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Terrarium
{
    /// <summary>The calls of Windows that .NET Framework 4.5 has no class for. Signatures and numbers: winbase.h, winnt.h.</summary>
    internal static class Native
    {
        public const uint CreateSuspended = 0x4;
        public const uint CreateUnicodeEnvironment = 0x400;
        public const uint ExtendedStartupInfo = 0x80000;
        public const uint CreateBreakawayFromJob = 0x1000000;
        public const uint CreateNoWindow = 0x8000000;
        public const uint Infinite = 0xFFFFFFFF;
        public const int UseStandardHandles = 0x100;
        public const int HandleInherit = 1;
        public const int ErrorAccessDenied = 5;
        public static readonly IntPtr HandleList = new IntPtr(0x20002);

        [StructLayout(LayoutKind.Sequential)]
        public struct StartupInfo
        {
            public int Size;
            public IntPtr Reserved;
            public IntPtr Desktop;
            public IntPtr Title;
            public int X, Y, Width, Height, CharactersWide, CharactersHigh, Fill;
            public int Flags;
            public short ShowWindow, ReservedSize;
            public IntPtr ReservedBytes;
            public IntPtr Input, Output, Error;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct StartupInfoEx
        {
            public StartupInfo Basic;
            public IntPtr Attributes;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct ProcessInformation
        {
            public IntPtr Process, Thread;
            public int ProcessId, ThreadId;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct BasicLimits
        {
            public long ProcessTime, JobTime;
            public uint Flags;
            public UIntPtr SmallestWorkingSet, LargestWorkingSet;
            public uint ActiveProcesses;
            public UIntPtr Affinity;
            public uint Priority, Scheduling;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct ExtendedLimits
        {
            public BasicLimits Basic;
            public ulong Reads, Writes, Others, BytesRead, BytesWritten, BytesOther;
            public UIntPtr ProcessMemory, JobMemory, PeakProcessMemory, PeakJobMemory;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct Accounting
        {
            public long UserTime, KernelTime, PeriodUserTime, PeriodKernelTime;
            public uint PageFaults, Processes, ActiveProcesses, Terminated;
        }

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
        public static extern bool CreateProcessW(string program, System.Text.StringBuilder commandLine, IntPtr processAttributes, IntPtr threadAttributes,
            bool inheritHandles, uint flags, IntPtr environment, string folder, ref StartupInfoEx startup, out ProcessInformation created);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool InitializeProcThreadAttributeList(IntPtr list, int count, int flags, ref IntPtr size);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool UpdateProcThreadAttribute(IntPtr list, uint flags, IntPtr attribute, IntPtr value, IntPtr size, IntPtr before, IntPtr sizeBefore);

        [DllImport("kernel32")]
        public static extern void DeleteProcThreadAttributeList(IntPtr list);

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
        public static extern IntPtr CreateJobObjectW(IntPtr attributes, string name);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool SetInformationJobObject(IntPtr job, int kind, ref ExtendedLimits information, int size);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool QueryInformationJobObject(IntPtr job, int kind, out Accounting information, int size, IntPtr returned);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool TerminateJobObject(IntPtr job, uint code);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool TerminateProcess(IntPtr process, uint code);

        [DllImport("kernel32", SetLastError = true)]
        public static extern uint ResumeThread(IntPtr thread);

        [DllImport("kernel32", SetLastError = true)]
        public static extern uint WaitForSingleObject(IntPtr handle, uint milliseconds);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool GetExitCodeProcess(IntPtr process, out uint code);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool CreatePipe(out SafeFileHandle read, out SafeFileHandle write, IntPtr attributes, int size);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool SetHandleInformation(SafeFileHandle handle, int mask, int flags);

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
        public static extern SafeFileHandle CreateFileW(string name, uint access, uint share, IntPtr attributes, uint disposition, uint flags, IntPtr template);

        [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
        public static extern bool CreateDirectoryW(string name, IntPtr attributes);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool SetFileTime(SafeFileHandle file, IntPtr created, IntPtr read, ref long written);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool CloseHandle(IntPtr handle);

        [DllImport("kernel32", SetLastError = true)]
        public static extern IntPtr GetEnvironmentStringsW();

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool FreeEnvironmentStringsW(IntPtr strings);

        [DllImport("kernel32", SetLastError = true)]
        public static extern uint GetConsoleOutputCP();

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool AllocConsole();

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool SetConsoleOutputCP(uint codePage);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool SetConsoleCP(uint codePage);

        public delegate bool ConsoleHandler(uint kind);

        [DllImport("kernel32", SetLastError = true)]
        public static extern bool SetConsoleCtrlHandler(ConsoleHandler handler, bool add);

        /// <summary>Throws what the last call of this class failed with, saying which it was.</summary>
        public static void Check(bool succeeded, string call)
        {
            if (succeeded) return;
            int error = Marshal.GetLastWin32Error();
            throw new Win32Exception(error, call + ": " + new Win32Exception(error).Message + " (" + error + ")");
        }
    }
}
