using System;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Terrarium
{
    /// <summary>Starts programs by CreateProcess, which alone can hold one still until it is in the job object, and choose which handles it gets.</summary>
    internal static class ChildProcess
    {
        /// <summary>
        /// Runs a program to its end within `tree`. It gets NUL as its input and `output` as both of its outputs, no other handle. Returns its exit code, all 32 bits.
        /// </summary>
        public static uint Run(string program, string commandLine, EnvironmentBlock environment, string folder, SafeFileHandle output, ProcessTree tree)
        {
            using (SafeFileHandle input = OpenNul())
            {
                Native.SetHandleInformation(output, Native.HandleInherit, Native.HandleInherit);
                Native.StartupInfoEx startup = new Native.StartupInfoEx();
                startup.Basic.Flags = Native.UseStandardHandles;
                startup.Basic.Input = input.DangerousGetHandle();
                startup.Basic.Output = startup.Basic.Error = output.DangerousGetHandle();
                Native.ProcessInformation child;
                using (HandleList list = new HandleList(startup.Basic.Input, startup.Basic.Output))
                {
                    startup.Attributes = list.Attributes;
                    child = Create(program, commandLine, true, Native.CreateSuspended | Native.ExtendedStartupInfo, environment, folder, ref startup);
                }
                return RunInTree(child, tree);
            }
        }

        /// <summary>
        /// Starts a program that outlives us and whoever started us. False: the job object that we are in lets nobody step out. It inherits nothing: a handle of
        /// ours would keep the connection open that waits for its end.
        /// </summary>
        public static bool Detach(string program, string commandLine, out IntPtr process)
        {
            Native.StartupInfoEx startup = new Native.StartupInfoEx();
            process = IntPtr.Zero;
            try
            {
                uint flags = Native.CreateBreakawayFromJob | Native.CreateNoWindow | Native.ExtendedStartupInfo;
                Native.ProcessInformation child = Create(program, commandLine, false, flags, EnvironmentBlock.OfThisProcess(), Environment.SystemDirectory, ref startup);
                Native.CloseHandle(child.Thread);
                process = child.Process;
                return true;
            }
            catch (System.ComponentModel.Win32Exception error)
            {
                if (error.NativeErrorCode == Native.ErrorAccessDenied) return false;
                throw;
            }
        }

        /// <summary>Whether the process has ended within so many milliseconds.</summary>
        public static bool HasEnded(IntPtr process, uint milliseconds)
        {
            return Native.WaitForSingleObject(process, milliseconds) == 0;
        }

        private static uint RunInTree(Native.ProcessInformation child, ProcessTree tree)
        {
            try
            {
                try
                {
                    tree.Add(child.Process);
                }
                catch
                {
                    Native.TerminateProcess(child.Process, 1);
                    throw;
                }
                Native.Check(Native.ResumeThread(child.Thread) != Native.Infinite, "ResumeThread");
                Native.Check(Native.WaitForSingleObject(child.Process, Native.Infinite) == 0, "WaitForSingleObject");
                uint code;
                Native.Check(Native.GetExitCodeProcess(child.Process, out code), "GetExitCodeProcess");
                return code;
            }
            finally
            {
                Native.CloseHandle(child.Thread);
                Native.CloseHandle(child.Process);
            }
        }

        private static Native.ProcessInformation Create(string program, string commandLine, bool inherit, uint flags, EnvironmentBlock environment, string folder,
            ref Native.StartupInfoEx startup)
        {
            startup.Basic.Size = Marshal.SizeOf(startup);
            IntPtr block = environment.ToMemory();
            try
            {
                Native.ProcessInformation created;
                bool succeeded = Native.CreateProcessW(program, new StringBuilder(commandLine), IntPtr.Zero, IntPtr.Zero, inherit,
                    flags | Native.CreateUnicodeEnvironment, block, folder, ref startup, out created);
                Native.Check(succeeded, "CreateProcess " + program);
                return created;
            }
            finally
            {
                Marshal.FreeHGlobal(block);
            }
        }

        private static SafeFileHandle OpenNul()
        {
            const uint read = 0x80000000, shareAll = 7, openExisting = 3;
            SafeFileHandle nul = Native.CreateFileW("NUL", read, shareAll, IntPtr.Zero, openExisting, 0, IntPtr.Zero);
            Native.Check(!nul.IsInvalid, "CreateFile NUL");
            Native.SetHandleInformation(nul, Native.HandleInherit, Native.HandleInherit);
            return nul;
        }

        /// <summary>The list of handles that a process inherits, in the form that CreateProcess takes.</summary>
        private sealed class HandleList : IDisposable
        {
            private readonly IntPtr handles;

            public HandleList(params IntPtr[] inherited)
            {
                IntPtr size = IntPtr.Zero;
                Native.InitializeProcThreadAttributeList(IntPtr.Zero, 1, 0, ref size);
                Attributes = Marshal.AllocHGlobal(size);
                Native.Check(Native.InitializeProcThreadAttributeList(Attributes, 1, 0, ref size), "InitializeProcThreadAttributeList");
                handles = Marshal.AllocHGlobal(IntPtr.Size * inherited.Length);
                Marshal.Copy(inherited, 0, handles, inherited.Length);
                IntPtr bytes = new IntPtr(IntPtr.Size * inherited.Length);
                bool succeeded = Native.UpdateProcThreadAttribute(Attributes, 0, Native.HandleList, handles, bytes, IntPtr.Zero, IntPtr.Zero);
                Native.Check(succeeded, "UpdateProcThreadAttribute");
            }

            public IntPtr Attributes { get; private set; }

            public void Dispose()
            {
                Native.DeleteProcThreadAttributeList(Attributes);
                Marshal.FreeHGlobal(Attributes);
                Marshal.FreeHGlobal(handles);
            }
        }
    }
}
