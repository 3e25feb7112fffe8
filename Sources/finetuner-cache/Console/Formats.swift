import Foundation

/// How numbers are written for people.
enum Formats {
    /// Bytes with a binary unit: `512 B`, `3.1 MiB`.
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var unit = -1
        repeat {
            value /= 1024
            unit += 1
        } while value >= 1024 && unit < 4
        return String(format: "%.1f %@", value, ["KiB", "MiB", "GiB", "TiB", "PiB"][unit])
    }

    /// Text from a file's name with control characters spelled out, so that a name cannot steer the terminal.
    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return text.unicodeScalars.reduce(into: "") { shown, scalar in
            if scalar.properties.generalCategory == .control {
                shown += String(format: "\\x%02x", scalar.value)
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
    }

    /// A count and its noun: `1 picture`, `3 pictures`.
    static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// A path, relative to the current folder where it lies in it.
    static func path(_ path: String) -> String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }

    /// Four digits behind the point.
    static func metric(_ value: Double) -> String { String(format: "%.4f", value) }

    /// Four digits behind the point and a sign.
    static func change(_ value: Double) -> String { String(format: "%+.4f", value) }

    /// Seconds with one digit behind the point.
    static func seconds(_ value: Double) -> String { String(format: "%.1f s", value) }
}
