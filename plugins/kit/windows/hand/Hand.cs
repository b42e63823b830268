// What runs on a Windows machine for us: compiled there by the compiler of .NET Framework, so it is C# 5 and knows nothing but that and kernel32.
// README.md of this folder says what each verb does and why. No data comes by the command line but words of
// letters and digits that begin with a letter, which every shell passes on as they are.
using System;
using System.Globalization;
using System.Text;

static class Hand
{
    static int Main(string[] words)
    {
        try
        {
            string verb = words.Length > 0 ? words[0] : "";
            if (verb == "run" && words.Length == 4) return new Command(Text(words[1]), words[2], words[3]).Run();
            if (verb == "hold" && words.Length == 2) return Machine.Hold(words[1]);
            if (verb == "host" && words.Length == 5) return new Host(Text(words[2]), Text(words[3]), words[4]).Do(words[1]);
            if (verb == "facts" && words.Length == 2) return Say("facts " + Hex(new Facts(Text(words[1])).All()));
            return Say("unknown");
        }
        catch (Exception error)
        {
            // Whoever asked reads it: it must not end in a window of Windows' own.
            Say("failed " + Hex(error.GetType().Name + ": " + error.Message));
            return 1;
        }
    }

    /// <summary>An answer is one line of plain characters, which no shell in between changes.</summary>
    internal static int Say(string line)
    {
        Console.Out.Write("terrarium " + line + "\n");
        Console.Out.Flush();
        return 0;
    }

    internal static string Hex(string text)
    {
        return BitConverter.ToString(Encoding.UTF8.GetBytes(text)).Replace("-", "").ToLowerInvariant();
    }

    /// <summary>Of `x` and hex digits.</summary>
    internal static string Text(string word)
    {
        byte[] bytes = new byte[word.Length / 2];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = byte.Parse(word.Substring(2 * i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new UTF8Encoding(false, true).GetString(bytes);
    }
}
