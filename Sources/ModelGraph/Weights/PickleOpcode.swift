/// The instructions of Python's pickle machine, protocols 0 to 5 (CPython, `Lib/pickletools.py`).
enum PickleOpcode: UInt8 {
    case mark = 0x28
    case stop = 0x2E
    case pop = 0x30
    case popMark = 0x31
    case duplicate = 0x32
    case protocolVersion = 0x80
    case frame = 0x95

    case none = 0x4E
    case newTrue = 0x88
    case newFalse = 0x89
    case textInteger = 0x49
    case binaryInteger = 0x4A
    case binaryInteger1 = 0x4B
    case binaryInteger2 = 0x4D
    case textLong = 0x4C
    case long1 = 0x8A
    case long4 = 0x8B
    case textFloat = 0x46
    case binaryFloat = 0x47

    case textString = 0x53
    case binaryString = 0x54
    case shortBinaryString = 0x55
    case textUnicode = 0x56
    case binaryUnicode = 0x58
    case shortBinaryUnicode = 0x8C
    case binaryUnicode8 = 0x8D
    case binaryBytes = 0x42
    case shortBinaryBytes = 0x43
    case binaryBytes8 = 0x8E
    case byteArray8 = 0x96

    case emptyTuple = 0x29
    case tuple = 0x74
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyList = 0x5D
    case list = 0x6C
    case append = 0x61
    case appends = 0x65
    case emptyDictionary = 0x7D
    case dictionary = 0x64
    case setItem = 0x73
    case setItems = 0x75
    case emptySet = 0x8F
    case addItems = 0x90
    case frozenSet = 0x91

    case textGet = 0x67
    case binaryGet = 0x68
    case longBinaryGet = 0x6A
    case textPut = 0x70
    case binaryPut = 0x71
    case longBinaryPut = 0x72
    case memoize = 0x94

    case global = 0x63
    case stackGlobal = 0x93
    case reduce = 0x52
    case build = 0x62
    case persistentID = 0x50
    case binaryPersistentID = 0x51

    case instance = 0x69
    case object = 0x6F
    case newObject = 0x81
    case newObjectWithKeywords = 0x92
    case extension1 = 0x82
    case extension2 = 0x83
    case extension4 = 0x84
    case nextBuffer = 0x97
    case readOnlyBuffer = 0x98

    /// CPython's name of an instruction that is never followed, because it makes objects of any class or takes them from
    /// outside the pickle; nil for the others.
    var refusedName: String? {
        switch self {
        case .instance: "INST"
        case .object: "OBJ"
        case .newObject: "NEWOBJ"
        case .newObjectWithKeywords: "NEWOBJ_EX"
        case .extension1: "EXT1"
        case .extension2: "EXT2"
        case .extension4: "EXT4"
        case .nextBuffer: "NEXT_BUFFER"
        case .readOnlyBuffer: "READONLY_BUFFER"
        default: nil
        }
    }
}
