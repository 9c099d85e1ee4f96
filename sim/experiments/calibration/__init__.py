"""Calibration as history matching: which values of the uncertain parameters do the published figures not rule out?"""
