using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Threading;

/// <summary>Removes a folder whatever is in it: paths of any length, files that may not be written, links (themselves, not what they lead to).</summary>
static class Tree
{
    const uint DirectoryBit = 0x10, LinkBit = 0x400, Normal = 0x80;

    /// <summary>Again and again for some seconds: what has just ended, or looks for viruses, may still have a file open.</summary>
    internal static void Remove(string folder)
    {
        string whole = @"\\?\" + folder;
        for (int left = 20; Native.GetFileAttributesW(whole) != uint.MaxValue; left--)
        {
            try { RemoveFolder(whole); }
            catch (Win32Exception)
            {
                if (left == 0) throw;
                Thread.Sleep(250);
            }
        }
    }

    static void RemoveFolder(string folder)
    {
        foreach (var entry in Entries(folder))
        {
            string path = folder + @"\" + entry.Key;
            Native.SetFileAttributesW(path, Normal);
            if ((entry.Value & DirectoryBit) == 0) Native.Checked(Native.DeleteFileW(path));
            else if ((entry.Value & LinkBit) == 0) RemoveFolder(path);
            else Native.Checked(Native.RemoveDirectoryW(path));
        }
        Native.Checked(Native.RemoveDirectoryW(folder));
    }

    static List<KeyValuePair<string, uint>> Entries(string folder)
    {
        var found = new List<KeyValuePair<string, uint>>();
        Native.FindData data;
        IntPtr search = Native.FindFirstFileW(folder + @"\*", out data);
        if (search == new IntPtr(-1)) throw new Win32Exception(Marshal.GetLastWin32Error());
        do if (data.Name != "." && data.Name != "..") found.Add(new KeyValuePair<string, uint>(data.Name, data.Attributes));
        while (Native.FindNextFileW(search, out data));
        Native.FindClose(search);
        return found;
    }
}
