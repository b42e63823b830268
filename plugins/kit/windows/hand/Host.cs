using System;
using System.IO;

/// <summary>What a host remembers of the machine that it is taken by: `owner` holds the machine's tag, `dirty` is there while it is being ended.</summary>
sealed class Host
{
    readonly string folder, tag, name, owner, dirty;

    internal Host(string folder, string tag, string name)
    {
        this.folder = folder;
        this.tag = tag;
        this.name = name;
        owner = Path.Combine(folder, "owner");
        dirty = Path.Combine(folder, "dirty");
    }

    internal int Do(string what)
    {
        if (what == "owner") return Hand.Say(State());
        if (what == "claim") return Hand.Say(Claim());
        if (what == "locate") return Hand.Say(Owner() == tag && !File.Exists(dirty) && Directory.Exists(Place()) ? "here" : "gone");
        if (what == "clean") return Hand.Say(Clean());
        if (what == "release") return Hand.Say(Release());
        return Hand.Say("unknown");
    }

    string Place() { return Path.Combine(folder, name); }

    string Owner()
    {
        try { return File.ReadAllText(owner); }
        catch (FileNotFoundException) { return null; }
        catch (DirectoryNotFoundException) { return null; }
    }

    string State()
    {
        string found = Owner();
        return found == null ? "free" : (File.Exists(dirty) ? "dirty " : "taken ") + Hand.Hex(found);
    }

    /// <summary>A move fails where the name is taken already, so that of several at once one has it, with its tag in it from the first moment on.</summary>
    string Claim()
    {
        if (File.Exists(dirty)) return State();
        if (Owner() == null)
        {
            string mine = owner + "-" + Guid.NewGuid().ToString("N");
            File.WriteAllText(mine, tag);
            try { File.Move(mine, owner); }
            catch (IOException) { File.Delete(mine); }
        }
        if (Owner() != tag) return State();
        Directory.CreateDirectory(Place());
        return "mine";
    }

    string Clean()
    {
        if (Owner() != tag) return "other";
        File.WriteAllText(dirty, "");
        if (!Machine.Of(name).End()) return "unkillable";
        Tree.Remove(Place());
        return "clean";
    }

    /// <summary>`owner` goes last: as long as it is there, the machine can be ended again.</summary>
    string Release()
    {
        if (Owner() != tag) return "other";
        File.Delete(dirty);
        File.Delete(owner);
        return "free";
    }
}
