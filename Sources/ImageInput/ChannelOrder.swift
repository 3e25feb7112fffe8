/// In which order a network takes the colors of a picture.
public enum ChannelOrder: String, Sendable, Codable, CaseIterable {
    /// Red, green, blue: PyTorch's habit.
    case rgb
    /// Blue, green, red: that of Caffe and OpenCV.
    case bgr
}
